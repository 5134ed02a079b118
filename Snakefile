# The chain: download -> train -> sample -> evaluate -> track -> compare -> report.
#   snakemake                                              what `make run` does
#   snakemake rates                                        one experiment
#   snakemake results/quick/tails/comparison.csv           one file
#   snakemake --config budget=smoke experiments=rates      another size, another choice
#   snakemake -n                                           what would run
import re
import sys

from snakemake.utils import min_version

from genrates.workflow import cluster, environment

environment.stop_quietly()

from genrates.errors import ConfigError
from genrates.workflow.origins import Origins
from genrates.workflow.plan import Plan

min_version("9.5")

try:
    plan = Plan(config)
except ConfigError as error:
    sys.exit(f"genrates: {error}")

RESULTS = plan.results
LOGS = f"{RESULTS}/logs"
EXPERIMENT = f"{RESULTS}/{{budget}}/{{experiment}}"
CELL = f"{EXPERIMENT}/{{data}}/{{variant}}"
CELL_LOG = "{budget}/{experiment}/{data}/{variant}"
# A job that dies leaves a cell that has failed; all others and the table stand. If its shell dies too, the
# second attempt says so. Ctrl-C ends the shell as well, whatever the interrupted job makes of it.
CELL_JOB = (
    "trap 'exit 130' INT; "
    "[ {resources.attempt} = 1 ] && "
    "python -m genrates.steps.{params.step} {params.overrides} minutes={resources.minutes} 2> {log:q} || "
    "python -m genrates.steps.died {params.overrides} "
    "minutes={resources.minutes} +step={params.step} +status=$? +attempt={resources.attempt} 2>> {log:q}"
)

# Among the inputs of each rule: new where its files were not made from the configs and the code of today.
origins = Origins(plan)
MARKER = origins.marker

environment.prepare(plan.pipeline.mirror)


# On a cluster too, these run where snakemake was called: downloads need the internet, and MLflow's SQLite one machine.
localrules:
    download,
    track,
    compare,
    report,


# `conda:` counts where Snakemake is told to use conda; else jobs run in the environment that runs it.
wildcard_constraints:
    budget="|".join(map(re.escape, plan.budgets)),
    experiment="|".join(map(re.escape, plan.all_experiments)),
    data="[^/]+",
    variant="[^/]+",


rule all:
    input:
        f"{RESULTS}/report.html",
        [plan.promised(name) for name in plan.experiments],
    localrule: True
    message:
        "complete"


rule download:
    output:
        "data/{data}/manifest.json",
    log:
        f"{LOGS}/download/{{data}}.log",
    retries: 2
    conda:
        "environment.yml"
    resources:
        mem_mb=500,
        runtime=60,
    params:
        overrides=lambda w: plan.download_overrides(w.data),
    message:
        "download {wildcards.data}"
    shell:
        "python -m genrates.steps.download {params.overrides} 2> {log:q}"


rule train:
    input:
        downloads=lambda w: plan.manifests(plan.cell(w)),
        modules=lambda w: ancient(plan.modules(plan.cell(w))),
        marker=lambda w: MARKER if origins.are_stale("train", w) else ancient(MARKER),
    output:
        fits=directory(f"{CELL}/fits"),
        model=directory(f"{CELL}/model"),
        made=f"{CELL}/made/train.json",
    log:
        f"{LOGS}/train/{CELL_LOG}.log",
    benchmark:
        f"{LOGS}/train/{CELL_LOG}.benchmark.tsv"
    priority: lambda w: plan.priority(plan.cell(w))
    retries: 1
    conda:
        "environment.yml"
    threads: 1
    resources:
        mem_mb=4000,
        attempt=lambda w, attempt: attempt,
        minutes=lambda w: plan.cell(w).minutes,
        runtime=lambda w: plan.cell(w).minutes + 5,
    params:
        step="train",
        overrides=lambda w: plan.cell_overrides(plan.cell(w), "train"),
        slice=lambda w: origins.slice("train", w),
    message:
        "train {wildcards.budget}/{wildcards.experiment}/{wildcards.data}/{wildcards.variant}"
    shell:
        CELL_JOB


rule sample:
    input:
        rules.train.output.fits,
        marker=lambda w: MARKER if origins.are_stale("sample", w) else ancient(MARKER),
    output:
        draws=directory(f"{CELL}/draws"),
        samples=f"{CELL}/samples.npz",
        made=f"{CELL}/made/sample.json",
    log:
        f"{LOGS}/sample/{CELL_LOG}.log",
    benchmark:
        f"{LOGS}/sample/{CELL_LOG}.benchmark.tsv"
    priority: 1
    retries: 1
    conda:
        "environment.yml"
    threads: 1
    resources:
        mem_mb=4000,
        attempt=lambda w, attempt: attempt,
        minutes=lambda w: plan.cell(w).minutes,
        runtime=lambda w: plan.cell(w).minutes + 5,
    params:
        step="sample",
        overrides=lambda w: plan.cell_overrides(plan.cell(w), "sample"),
        slice=lambda w: origins.slice("sample", w),
    message:
        "sample {wildcards.budget}/{wildcards.experiment}/{wildcards.data}/{wildcards.variant}"
    shell:
        CELL_JOB


rule evaluate:
    input:
        rules.train.output.fits,
        rules.sample.output.draws,
        marker=lambda w: MARKER if origins.are_stale("evaluate", w) else ancient(MARKER),
    output:
        config=f"{CELL}/config.yaml",
        scores=f"{CELL}/scores.parquet",
        grids=f"{CELL}/density_grids.npz",
        figures=directory(f"{CELL}/figures"),
        made=f"{CELL}/made/evaluate.json",
    log:
        f"{LOGS}/evaluate/{CELL_LOG}.log",
    benchmark:
        f"{LOGS}/evaluate/{CELL_LOG}.benchmark.tsv"
    priority: 2
    retries: 1
    conda:
        "environment.yml"
    threads: 1
    resources:
        mem_mb=4000,
        attempt=lambda w, attempt: attempt,
        minutes=lambda w: plan.cell(w).minutes,
        runtime=lambda w: plan.cell(w).minutes + 5,
    params:
        step="evaluate",
        overrides=lambda w: plan.cell_overrides(plan.cell(w), "evaluate"),
        slice=lambda w: origins.slice("evaluate", w),
    message:
        "evaluate {wildcards.budget}/{wildcards.experiment}/{wildcards.data}/{wildcards.variant}"
    shell:
        CELL_JOB


rule track:
    input:
        lambda w: plan.cell_files(
            w.budget, w.experiment, "config.yaml", "scores.parquet", "samples.npz"
        ),
        lambda w: plan.cell_files(w.budget, w.experiment, "model", "figures"),
        marker=lambda w: MARKER if origins.are_stale("track", w) else ancient(MARKER),
    output:
        runs=f"{EXPERIMENT}/tracked.json",
        summaries=f"{EXPERIMENT}/summaries.json",
        made=f"{EXPERIMENT}/made/track.json",
    log:
        f"{LOGS}/track/{{budget}}/{{experiment}}.log",
    benchmark:
        f"{LOGS}/track/{{budget}}/{{experiment}}.benchmark.tsv"
    conda:
        "environment.yml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        overrides=lambda w: plan.experiment_overrides(w.budget, [w.experiment]),
        slice=lambda w: origins.slice("track", w),
        store_version=plan.store_version,
    message:
        "track {wildcards.budget}/{wildcards.experiment}"
    shell:
        "python -m genrates.steps.track {params.overrides} store_version={params.store_version} 2> {log:q}"


rule compare:
    input:
        rules.track.output,
        lambda w: plan.cell_files(w.budget, w.experiment, "density_grids.npz"),
        marker=lambda w: MARKER if origins.are_stale("compare", w) else ancient(MARKER),
    output:
        csv=report(
            f"{EXPERIMENT}/comparison.csv",
            caption="docs/captions/comparison.rst",
            category="{experiment}",
        ),
        md=f"{EXPERIMENT}/comparison.md",
        made=f"{EXPERIMENT}/made/compare.json",
        differences=f"{EXPERIMENT}/differences.csv",
        figures=report(
            directory(f"{EXPERIMENT}/figures"),
            patterns=["{figure}.png"],
            caption="docs/captions/figure.rst",
            category="{experiment}",
        ),
    log:
        f"{LOGS}/compare/{{budget}}/{{experiment}}.log",
    benchmark:
        f"{LOGS}/compare/{{budget}}/{{experiment}}.benchmark.tsv"
    conda:
        "environment.yml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        overrides=lambda w: plan.experiment_overrides(w.budget, [w.experiment]),
        slice=lambda w: origins.slice("compare", w),
    message:
        "compare {wildcards.budget}/{wildcards.experiment}"
    shell:
        "python -m genrates.steps.compare {params.overrides} 2> {log:q}"


rule report:
    input:
        [
            expand(rules.compare.output, budget=plan.budget, experiment=name)
            for name in plan.experiments
        ],
        [plan.cell_files(plan.budget, name, "config.yaml") for name in plan.experiments],
        marker=lambda w: MARKER if origins.are_stale("report", w) else ancient(MARKER),
    output:
        f"{RESULTS}/report.html",
        f"{RESULTS}/made/report.json",
    log:
        f"{LOGS}/report.log",
    benchmark:
        f"{LOGS}/report.benchmark.tsv"
    conda:
        "environment.yml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        overrides=plan.experiment_overrides(plan.budget, list(plan.experiments)),
        slice=lambda w: origins.slice("report", w),
    message:
        "report"
    shell:
        "python -m genrates.steps.report {params.overrides} 2> {log:q}"


for name in plan.all_experiments:

    rule:
        name:
            name
        input:
            lambda w, name=name: plan.promised(name),
        localrule: True
        message:
            "complete"


onstart:
    environment.lock(RESULTS)
    cluster.take_over(RESULTS)


onsuccess:
    environment.show_tables(RESULTS)
    environment.exit_after_deaths(RESULTS)


onerror:
    environment.say_failed(RESULTS)
    environment.exit_after_deaths(RESULTS)
