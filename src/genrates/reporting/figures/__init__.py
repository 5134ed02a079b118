"""Pictures of an experiment: one module a kind, each with `draw(experiment) -> {name: Figure}`."""
