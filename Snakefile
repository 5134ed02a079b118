# The chain: download -> train -> sample -> evaluate -> track -> compare -> report.
#   snakemake                                              what `make run` does
#   snakemake --config budget=smoke experiments=rates      another size, another choice
#   snakemake -n                                           what would run
import sys

from genrates import surroundings
from genrates.errors import ConfigError
from genrates.workflow import Plan

try:
    plan = Plan(config)
except ConfigError as error:
    sys.exit(f"genrates: {error}")

RESULTS = plan.results
CELL = f"{RESULTS}/{{experiment}}/{{data}}/{{label}}"
LOGS = f"{RESULTS}/logs"

surroundings.prepare(plan.pipeline.mirror)


# `conda:` counts where Snakemake is told to use conda; else jobs run in the environment that runs it.
wildcard_constraints:
    experiment="[^/]+",
    data="[^/]+",
    label="[^/]+",


localrules:
    all,


rule all:
    input:
        f"{RESULTS}/report.html",


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
        files=lambda w: plan.downloads(w.data),
    message:
        "download {wildcards.data}"
    shell:
        "python -m genrates.steps.download data={wildcards.data} 'log=\"{log}\"'"


rule train:
    input:
        downloads=lambda w: (
            [f"data/{w.data}/manifest.json"] if plan.downloads(w.data) else []
        ),
        modules=lambda w: ancient(plan.modules(plan.cell(w))),
    output:
        fits=temp(directory(f"{CELL}/fits")),
        model=directory(f"{CELL}/model"),
    log:
        f"{LOGS}/train/{{experiment}}/{{data}}/{{label}}.log",
    benchmark:
        f"{LOGS}/train/{{experiment}}/{{data}}/{{label}}.benchmark.tsv"
    priority: lambda w: plan.urgency(plan.cell(w))
    conda:
        "environment.yml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        words=lambda w: plan.cell_words(plan.cell(w)),
        slice=lambda w: plan.train_slice(plan.cell(w)),
    message:
        "train {wildcards.experiment}/{wildcards.data}/{wildcards.label}"
    shell:
        "python -m genrates.steps.train {params.words} 'log=\"{log}\"'"


rule sample:
    input:
        rules.train.output.fits,
    output:
        draws=temp(directory(f"{CELL}/draws")),
        samples=f"{CELL}/samples.npz",
    log:
        f"{LOGS}/sample/{{experiment}}/{{data}}/{{label}}.log",
    benchmark:
        f"{LOGS}/sample/{{experiment}}/{{data}}/{{label}}.benchmark.tsv"
    priority: 1  # cells that have begun end first: their fits and draws are temporary, and large
    conda:
        "environment.yml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        words=lambda w: plan.cell_words(plan.cell(w)),
        slice=lambda w: plan.sample_slice(plan.cell(w)),
    message:
        "sample {wildcards.experiment}/{wildcards.data}/{wildcards.label}"
    shell:
        "python -m genrates.steps.sample {params.words} 'log=\"{log}\"'"


rule evaluate:
    input:
        rules.train.output.fits,
        rules.sample.output.draws,
    output:
        config=f"{CELL}/config.yaml",
        scores=f"{CELL}/scores.parquet",
        pictures=f"{CELL}/density_grids.npz",
    log:
        f"{LOGS}/evaluate/{{experiment}}/{{data}}/{{label}}.log",
    benchmark:
        f"{LOGS}/evaluate/{{experiment}}/{{data}}/{{label}}.benchmark.tsv"
    priority: 2
    conda:
        "environment.yml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        words=lambda w: plan.cell_words(plan.cell(w)),
        slice=lambda w: plan.evaluate_slice(plan.cell(w)),
    message:
        "evaluate {wildcards.experiment}/{wildcards.data}/{wildcards.label}"
    shell:
        "python -m genrates.steps.evaluate {params.words} 'log=\"{log}\"'"


rule track:
    input:
        lambda w: plan.files(
            w.experiment, "scores.parquet", "samples.npz", "density_grids.npz"
        ),
    output:
        runs=f"{RESULTS}/{{experiment}}/tracked.json",
        summaries=f"{RESULTS}/{{experiment}}/summaries.json",
    log:
        f"{LOGS}/track/{{experiment}}.log",
    benchmark:
        f"{LOGS}/track/{{experiment}}.benchmark.tsv"
    conda:
        "environment.yml"
    threads: 2
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        words=lambda w: plan.pipeline_words(w.experiment),
        slice=lambda w: plan.track_slice(w.experiment),
        generation=plan.store_generation,
    message:
        "track {wildcards.experiment}"
    shell:
        "python -m genrates.steps.track {params.words} generation={params.generation} threads={threads} 'log=\"{log}\"'"


rule compare:
    input:
        rules.track.output,
        lambda w: plan.files(w.experiment, "density_grids.npz"),
    output:
        csv=f"{RESULTS}/{{experiment}}/comparison.csv",
        md=f"{RESULTS}/{{experiment}}/comparison.md",
        figures=directory(f"{RESULTS}/{{experiment}}/figures"),
    log:
        f"{LOGS}/compare/{{experiment}}.log",
    benchmark:
        f"{LOGS}/compare/{{experiment}}.benchmark.tsv"
    conda:
        "environment.yml"
    threads: 2
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        words=lambda w: plan.pipeline_words(w.experiment),
        slice=lambda w: plan.compare_slice(w.experiment),
    message:
        "compare {wildcards.experiment}"
    shell:
        "python -m genrates.steps.compare {params.words} threads={threads} 'log=\"{log}\"'"


rule report:
    input:
        expand(rules.compare.output, experiment=plan.experiments),
        [plan.files(name, "config.yaml") for name in plan.experiments],
    output:
        f"{RESULTS}/report.html",
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
        words=plan.pipeline_words(),
        slice=plan.report_slice(),
    message:
        "report"
    shell:
        "python -m genrates.steps.report {params.words} 'log=\"{log}\"'"


onstart:
    surroundings.acquire(RESULTS)
    surroundings.unlimit(workflow)


onsuccess:
    surroundings.show(RESULTS)


onerror:
    print(
        f"genrates: a job failed; its log is below {LOGS}. The same command again carries on.",
        file=sys.stderr,
    )
