"""The hunt for faults: many random attempts to make genrates stale, wrong, hang, or show a traceback.

make test-faults                                        all of it, 25 minutes
PYTHONPATH=tests python -m hunt configs --count 50      one part; --seed and --count repeat what it prints
"""
