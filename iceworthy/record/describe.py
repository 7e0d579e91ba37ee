"""docs/formats.md's tables of fields, from the definitions of plan, known.json and streams.

Claim: every field that is written has a row with its type, its unit and its meaning. Method: types
from the annotations, units from iceworthy/record/units.py, meanings from the string below each
field in the source. A field without that string is an error.
What this does NOT show: that the meanings are true.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import types
from collections.abc import Mapping
from enum import Enum
from itertools import pairwise
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from iceworthy.record.contract_lines import Misshapen, SentRequest
from iceworthy.record.known import KNOWN_FORMAT, Known
from iceworthy.record.plan import PLAN_FORMAT, Plan
from iceworthy.record.review import REVIEW_FORMAT, ReviewRecord
from iceworthy.record.streams import KINDS
from iceworthy.record.verdicts import (
    VERDICTS_FORMAT,
    ExperimentRuling,
    ExperimentVerdict,
    LimitValue,
    MeasuredValue,
    RequirementPart,
    RequirementVerdict,
    ReviewVerdicts,
)
from iceworthy.words.experiment import Declared, DeclaredFault

BEGIN = "<!-- made by `make docs` from iceworthy/record/ -->"
END = "<!-- end of what `make docs` makes -->"
_NAMES = {int: "integer", float: "number", str: "text", bool: "true, false", Any: "any"}


_FILES_OF_A_REVIEW = {
    f"review.json (format {REVIEW_FORMAT})": ReviewRecord,
    f"verdicts.json of a review (format {VERDICTS_FORMAT})": ReviewVerdicts,
    "an entry of `requirements` in it": RequirementVerdict,
    "an entry of `evidence` of a requirement": RequirementPart,
    "an entry of `experiments` in it": ExperimentVerdict,
    f"verdicts.json of an experiment (format {VERDICTS_FORMAT}): an entry of `verdicts`": (
        ExperimentRuling
    ),
    "an entry of `measures`": MeasuredValue,
    "an entry of `limits`": LimitValue,
}


def formats_markdown(page: str) -> str:
    """The page docs/formats.md with its tables of fields made anew.

    Raises ValueError when the page lacks the two marks, or a field its meaning.
    """
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        raise ValueError(f"docs/formats.md: expected one line {BEGIN!r} and one {END!r} after it")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{_tables()}{END}{after}"


def _tables() -> str:
    parts = [_table(f"plan.json (format {PLAN_FORMAT})", Plan)]
    parts.append(_table(f"known.json (format {KNOWN_FORMAT}), and `known` in plan.json", Known))
    parts += [_table(title, kind) for title, kind in _FILES_OF_A_REVIEW.items()]
    parts += [_table(f"{kind.STREAM}.jsonl (format {kind.FORMAT})", kind) for kind in KINDS]
    parts.append(_table("an entry of `schema` in cases.jsonl", Misshapen))
    parts.append(_table("`sent` in cases, violations, findings and differences", SentRequest))
    parts.append(_table("`declared` in plan.json", Declared))
    parts.append(_table("an entry of `faults` in `declared`", DeclaredFault))
    return "\n".join(parts)


def _table(title: str, kind: type[Any]) -> str:
    meanings = _meanings(kind)
    hints = get_type_hints(kind, include_extras=True)
    rows = []
    for field in dataclasses.fields(kind):
        if field.name not in meanings:
            raise ValueError(
                f"{kind.__name__}.{field.name} has no string below it; write its meaning there"
            )
        type_, unit = _type_and_unit(hints[field.name])
        cells = (f"`{field.name}`", type_, unit, meanings[field.name])
        rows.append(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
    head = ["| field | type | unit | meaning |", "|---|---|---|---|"]
    says = " ".join((inspect.getdoc(kind) or "").split())
    return "\n".join([f"### {title}", says, "", *head, *rows, ""])


def _meanings(kind: type[Any]) -> dict[str, str]:
    """Field -> the string below it in the source, in one line; those of its bases too."""
    bases = [base for base in reversed(kind.__mro__) if dataclasses.is_dataclass(base)]
    return {name: text for base in bases for name, text in _strings_below(base).items()}


def _strings_below(kind: type[Any]) -> dict[str, str]:
    tree = ast.parse(inspect.getsource(inspect.getmodule(kind) or kind))
    classes = (node for node in tree.body if isinstance(node, ast.ClassDef))
    body = next(node.body for node in classes if node.name == kind.__name__)
    found = {}
    for field, below in pairwise(body):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
            and isinstance(below.value.value, str)
        ):
            found[field.target.id] = re.sub(r"\s+", " ", below.value.value).strip()
    return found


def _type_and_unit(hint: Any) -> tuple[str, str]:
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _type_and_unit(args[0])[0], str(args[1])
    if origin in (Union, types.UnionType):
        inner, unit = _type_and_unit(next(arg for arg in args if arg is not type(None)))
        return f"{inner} or null", unit
    if origin is Literal:
        return ", ".join(map(str, args)), ""
    if origin is tuple:
        if args[-1] is Ellipsis:
            return f"list of {_type_and_unit(args[0])[0]}", ""
        return f"[{', '.join(_type_and_unit(arg)[0] for arg in args)}]", ""
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return f"object of {_type_and_unit(args[1])[0]}", ""
    if isinstance(hint, type) and issubclass(hint, Enum):
        return ", ".join(str(member.value) for member in hint), ""
    return _NAMES.get(hint, getattr(hint, "__name__", str(hint))), ""
