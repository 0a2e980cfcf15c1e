"""Where scenarios are: a path, or the name of one that ships with the package."""

from __future__ import annotations

from pathlib import Path

from sibsim.errors import Problem, ScenarioError
from sibsim.loading.kept import shipped_folder
from sibsim.loading.place import did_you_mean, listed

__all__ = [
    "ENDINGS",
    "find",
    "portfolio_folder",
    "portfolio_path",
    "portfolios",
    "real_contracts",
    "scenario_folder",
    "shipped",
    "shipped_path",
    "template_text",
    "templates",
]

ENDINGS = (".yaml", ".yml")
REAL = "real"
"""The folder, within that of the scenarios, of contracts that were really signed."""


def scenario_folder() -> Path:
    """The folder of the scenarios that ship: inside an installed package, beside it in a checkout.

    Within `sibsim.loading.kept.reading_from`, where they were kept.
    """
    return shipped_folder() or _folder("scenarios")


def portfolio_folder() -> Path:
    """The folder of the portfolios that ship: inside an installed package, beside it in a checkout."""
    return _folder("portfolios")


def _folder(name: str) -> Path:
    package = Path(__file__).resolve().parent.parent
    inside = package / name
    return inside if inside.is_dir() else package.parent / name


def _names(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.yaml")) if folder.is_dir() else []


def shipped() -> list[str]:
    """The names of the scenarios that ship, real contracts among them, sorted."""
    return sorted({*_names(scenario_folder()), *real_contracts()})


def portfolios() -> list[str]:
    """The names of the portfolios that ship, sorted."""
    return _names(portfolio_folder())


def portfolio_path(name: str) -> Path:
    """The file of a portfolio that ships."""
    return portfolio_folder() / f"{name}.yaml"


def real_contracts() -> list[str]:
    """The names of those among them that are contracts which were really signed, sorted."""
    return _names(scenario_folder() / REAL)


def shipped_path(name: str) -> Path:
    """The file of a scenario that ships."""
    own = scenario_folder() / f"{name}.yaml"
    return own if own.is_file() else scenario_folder() / REAL / f"{name}.yaml"


def templates() -> list[str]:
    """The names of the templates that `sibsim init` prints, sorted."""
    return _names(scenario_folder() / "templates")


def template_text(name: str) -> str:
    """The text of a template.

    Raises
    ------
    ScenarioError
        There is no such template.
    """
    if name not in templates():
        hint = did_you_mean(name, templates()) or f"; there are {listed(templates(), 'and')}"
        raise ScenarioError(name[:100], [Problem(0, 0, "", f"no template is called so{hint}")])
    return (scenario_folder() / "templates" / f"{name}.yaml").read_text(encoding="utf-8")


def find(source: str | Path) -> Path:
    """The file of a path or name; a path always wins over a name.

    Raises
    ------
    ScenarioError
        There is neither such a file nor such a scenario.
    """
    text = str(source)
    try:
        path = Path(source)
        if text and path.exists():
            return path
    except (OSError, ValueError):
        raise ScenarioError(text[:100], [Problem(0, 0, "", "is not the name of a file")]) from None
    names = shipped()
    if text in names:
        return shipped_path(text)
    if text in portfolios():
        return portfolio_path(text)
    if path.suffix in ENDINGS or path.name != text:
        near = [p.name for p in path.parent.glob("*") if p.suffix in ENDINGS] if path.parent.is_dir() else []
        hint = did_you_mean(path.name, near) or did_you_mean(path.stem, [*names, *portfolios()])
        raise ScenarioError(text, [Problem(0, 0, "", f"no such file{hint}")])
    beside = next((f"; did you mean '{text}{end}'?" for end in ENDINGS if Path(f"{text}{end}").is_file()), "")
    hint = (
        beside
        or did_you_mean(text, [*names, *portfolios()])
        or (f"; the scenarios that ship are {listed(names, 'and')}" if names else "")
    )
    raise ScenarioError(
        text, [Problem(0, 0, "", f"no such file, and no scenario of this name ships with sibsim{hint}")]
    )
