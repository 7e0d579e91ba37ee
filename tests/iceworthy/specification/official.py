"""Facts of an OpenAPI document and of the contract, in one form, so that they can be compared.

Claim: two schemas have the same facts exactly when they say the same of every value, but for what
is a matter of writing: references and inlined parts of an allOf, constants and enumerations of one,
null as a type or as a mark, a tag declared at the base or at the choice. Descriptions, examples,
titles and marks of deprecated fields are no facts. Not compared: servers, security schemes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from iceworthy.specification import Operation

Facts = dict[str, Any]
PLAIN = (
    "format",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "pattern",
    "uniqueItems",
    "default",
    "readOnly",
    "contentEncoding",
)
WORDS = {"description", "example", "examples", "title", "deprecated", "summary"}
KNOWN = {
    *PLAIN,
    *WORDS,
    "type",
    "enum",
    "const",
    "nullable",
    "properties",
    "required",
    "items",
    "additionalProperties",
    "oneOf",
    "anyOf",
    "allOf",
    "discriminator",
    "$ref",
}
METHODS = ("get", "head", "post", "put", "delete", "patch")


def named(reference: str) -> str:
    return reference.rpartition("/")[2]


class Book:
    """The named schemas of one side."""

    def __init__(self, schemas: Mapping[str, Any]) -> None:
        self.schemas = schemas

    def facts(self, name: str) -> Facts:
        """Every fact of one named schema, by its place."""
        return dict(self._walk(self.schemas[name], name))

    def of(self, schema: Mapping[str, Any], place: str) -> Facts:
        return dict(self._walk(schema, place))

    def flat(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """With its own references and the parts of its allOf put in; deeper ones stay."""
        made: dict[str, Any] = {}
        parts = [self.schemas[named(schema["$ref"])]] if "$ref" in schema else []
        for part in (*parts, *schema.get("allOf", ())):
            inner = {k: v for k, v in self.flat(part).items() if k != "discriminator"}
            made = _merged(made, inner)
        own = {k: v for k, v in schema.items() if k not in ("$ref", "allOf")}
        return _merged(made, own)

    def _walk(self, schema: Mapping[str, Any], place: str) -> Iterator[tuple[str, Any]]:
        unknown = set(schema) - KNOWN
        assert not unknown, f"{place}: the comparison does not know {unknown}"
        if bare := _reference(schema):
            yield place, f"of {bare}"
            return
        node, nullable = self._without_null(self.flat(schema))
        if nullable:
            yield f"{place} null", True
        if bare := _reference(node):
            yield place, f"of {bare}"
            return
        tag = self._tag(node)
        implied = "object" if tag or "properties" in node else None
        yield f"{place} type", node.get("type") or implied
        for key in PLAIN:
            if key in node:
                yield f"{place} {key}", node[key]
        if "const" in node or "enum" in node:
            yield f"{place} enum", sorted([node["const"]] if "const" in node else node["enum"])
        yield from self._fields(node, place, tag[0] if tag else "")
        if tag:
            yield f"{place} tag", tag[0]
            yield from ((f"{place} tag {text}", name) for text, name in tag[1].items())
        else:
            yield from self._choice(node, place)
        if "items" in node:
            yield from self._walk(node["items"], f"{place}[]")

    def _fields(self, node: Mapping[str, Any], place: str, tag: str) -> Iterator[tuple[str, Any]]:
        more = node.get("additionalProperties", True)
        if more is False:
            yield f"{place} closed", True
        elif more is not True:
            yield from self._walk(more, f"{place}/*")
        implied = {tag: {"type": "string"}} if tag else {}
        required = {tag, *node.get("required", ())}
        for name, of in {**implied, **node.get("properties", {})}.items():
            yield f"{place}/{name} required", name in required
            yield from self._walk(of, f"{place}/{name}")
        bodiless = set(node.get("required", ())) - set(node.get("properties", {}))
        assert not bodiless, f"{place}: required, but no property: {bodiless}"

    def _choice(self, node: Mapping[str, Any], place: str) -> Iterator[tuple[str, Any]]:
        kind, choices = _choices(node)
        if choices:
            yield f"{place} choice", kind
        inline = 0
        for one in choices:
            if bare := _reference(one):
                yield f"{place} may be {bare}", True
            else:
                inline += 1
                yield from self._walk(one, f"{place} {inline}")

    def _tag(self, node: Mapping[str, Any]) -> tuple[str, dict[str, str]] | None:
        """(field, name by text) where a field tells the alternatives apart."""
        names = {_reference(one) for one in _choices(node)[1]}
        found = node.get("discriminator")
        if found is None:
            bases = {self._base(name) for name in names}
            base = bases.pop() if len(bases) == 1 else None
            if base is None:
                return None
            found = self.schemas[base]["discriminator"]
            mapping = {text: named(to) for text, to in found["mapping"].items()}
            return found["propertyName"], {t: to for t, to in mapping.items() if to in names}
        mapping = {text: named(to) for text, to in found["mapping"].items()}
        assert not names or names == set(mapping.values()), f"{node}: tags of other schemas"
        return found["propertyName"], mapping

    def _base(self, name: str) -> str | None:
        parts = self.schemas[name].get("allOf", ()) if name else ()
        return next(
            (b for part in parts if "discriminator" in self.schemas[b := _reference(part)]), None
        )

    def _without_null(self, node: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        nullable = bool(node.get("nullable"))
        kind, choices = node.get("type"), node.get("anyOf", [])
        if isinstance(kind, list):
            rest = [one for one in kind if one != "null"]
            return {**node, "type": rest[0] if len(rest) == 1 else rest}, "null" in kind
        if {"type": "null"} in choices:
            rest = [one for one in choices if one != {"type": "null"}]
            return (rest[0] if len(rest) == 1 else {**node, "anyOf": rest}), True
        return node, nullable


def _choices(node: Mapping[str, Any]) -> tuple[str, list[Mapping[str, Any]]]:
    kind = "oneOf" if "oneOf" in node else "anyOf"
    return kind, node.get(kind, [])


def _reference(schema: Mapping[str, Any]) -> str:
    """The name, where a schema is nothing but a reference."""
    said = {key: value for key, value in schema.items() if key not in WORDS}
    if set(said) == {"allOf"} and len(said["allOf"]) == 1:
        return _reference(said["allOf"][0])
    return named(said["$ref"]) if set(said) == {"$ref"} else ""


def _merged(one: dict[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    made = {**one, **other}
    if "properties" in one and "properties" in other:
        made["properties"] = {**one["properties"], **other["properties"]}
    if "required" in one and "required" in other:
        made["required"] = sorted({*one["required"], *other["required"]})
    if "const" in made:
        made.pop("enum", None)
    return made


def document_operations(document: Mapping[str, Any], book: Book) -> dict[str, Facts]:
    """Facts of every operation of an OpenAPI document, by its id."""
    parts = document["components"]
    found = {}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method not in item:
                continue
            one = item[method]
            facts: Facts = {"path": path, "method": method.upper()}
            facts["deprecated"] = bool(one.get("deprecated"))
            for parameter in (*item.get("parameters", ()), *one.get("parameters", ())):
                said = _resolved(parameter, parts)
                place = f"{said['in']} {said['name']}"
                facts[f"{place} required"] = bool(said.get("required"))
                facts |= book.of(said["schema"], place)
            body = one.get("requestBody")
            if body:
                facts["body required"] = bool(body.get("required"))
                for media, of in body["content"].items():
                    facts[f"body {media}"] = _reference(of["schema"])
            for status, answer in one["responses"].items():
                said = _resolved(answer, parts)
                of = said.get("content", {}).get("application/json", {}).get("schema")
                facts[f"status {status}"] = _reference(of) if of else ""
                for header in said.get("headers", {}):
                    facts[f"status {status} header {header}"] = True
            found[one["operationId"]] = facts
    return found


def _resolved(said: Mapping[str, Any], parts: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in said:
        return said
    kind, name = said["$ref"].split("/")[-2:]
    found: Mapping[str, Any] = parts[kind][name]
    return found


def contract_operation(one: Operation, book: Book) -> Facts:
    """Facts of one operation of the contract."""
    facts: Facts = {"path": one.template, "method": one.method, "deprecated": one.deprecated}
    text = {"type": "string"}
    for where, parameters, required in (
        ("path", dict.fromkeys(one.parameters, text), True),
        ("query", one.query, False),
        ("header", one.headers, False),
    ):
        for name, schema in parameters.items():
            facts[f"{where} {name} required"] = required
            facts |= book.of(schema, f"{where} {name}")
    if one.request:
        facts["body required"] = one.must_send
        facts[f"body {one.media}"] = one.request
    for status, schema_name in one.responses.items():
        facts[f"status {status}"] = schema_name
    for header in one.gives_headers:
        facts[f"status 200 header {header}"] = True
    return facts
