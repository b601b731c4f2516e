"""Prints the JSON Schema of the report, published as findings.schema.json beside this package."""

import json

from analyze.findings import Findings


def json_schema() -> dict[str, object]:
    """The JSON Schema of the report; a message is its sentence there."""
    definitions = Findings.model_json_schema(mode="serialization")["$defs"]
    findings = definitions.pop("Findings")  # they hold further ones, so that pydantic defines them beside the root
    findings["properties"]["further"]["items"] = {"$ref": "#"}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": definitions, **findings}


if __name__ == "__main__":
    print(json.dumps(json_schema(), indent=1, ensure_ascii=False))  # noqa: T201  # the published schema
