"""The settings that `invoke` takes beside its input."""

from _coverage import refuse

RunnableConfig = dict

# They change how LangChain traces or schedules a run, and here nothing is traced and one step runs after the other.
COVERED = ("tags", "metadata", "run_name", "run_id", "max_concurrency", "recursion_limit", "configurable")


def checked(config):
    """A config of its own, with only what is covered. Raises for callbacks: there is nothing to call back."""
    if config is None:
        return {}
    if not isinstance(config, dict):
        raise TypeError(f"config must be a dict, not {type(config).__name__}.")
    refuse("config", {name: 0 for name, value in config.items() if name not in COVERED and value}, COVERED)
    return {name: value for name, value in config.items() if name in COVERED}


def merged(*configs):
    result = {}
    for config in configs:
        for name, value in checked(config).items():
            if name == "tags":
                result[name] = [*result.get(name, []), *(value or [])]
            elif name in ("metadata", "configurable"):
                result[name] = {**result.get(name, {}), **(value or {})}
            elif value is not None:
                result[name] = value
    return result
