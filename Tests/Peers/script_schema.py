"""What a validator of JSON Schema says of scripts, in the codes and places of `tuf-ceremony check`.

Reads {"schema": …, "scripts": [text, …]} and prints a list for each script: [code, "line:column"], or null where the
text is not YAML that a schema can be asked about.
"""
import json
import re
import sys

import jsonschema
import yaml

# The core schema of YAML 1.2, which editors use: dates are text, and so is `yes`.
SCALARS = [
    (re.compile(r"(~|null|Null|NULL|)\Z"), lambda text: None),
    (re.compile(r"(true|True|TRUE|false|False|FALSE)\Z"), lambda text: text.lower() == "true"),
    (re.compile(r"[-+]?[0-9]+\Z"), int),
    (re.compile(r"0o[0-7]+\Z"), lambda text: int(text[2:], 8)),
    (re.compile(r"0x[0-9a-fA-F]+\Z"), lambda text: int(text[2:], 16)),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z"), float),
]


def built(node, path, keys, values):
    """The value of a node; where its keys and values stand is noted."""
    values[path] = node.start_mark
    if isinstance(node, yaml.MappingNode):
        members = {}
        for key, value in node.value:
            keys[(*path, key.value)] = key.start_mark
            members[key.value] = built(value, (*path, key.value), keys, values)
        return members
    if isinstance(node, yaml.SequenceNode):
        return [built(value, (*path, index), keys, values) for index, value in enumerate(node.value)]
    if node.style is None:
        for form, meaning in SCALARS:
            if form.match(node.value):
                return meaning(node.value)
    return node.value


def said(error):
    """Codes with paths: of a key, or of a value."""
    path = tuple(error.absolute_path)
    if "propertyNames" in error.absolute_schema_path:
        yield "SCRIPT-VALUE", (*path, error.instance), True
    elif error.validator == "additionalProperties":
        for key in error.instance:
            if key not in error.schema["properties"]:
                yield "SCRIPT-UNKNOWN-KEY", (*path, key), True
    elif error.validator == "required":
        yield "SCRIPT-MISSING-KEY", path, False
    elif error.validator == "uniqueItems":
        for index, item in enumerate(error.instance):
            if item in error.instance[:index]:
                yield "SCRIPT-VALUE", (*path, index), False
    elif path == ("ceremony",) and error.validator == "maximum" and error.instance in range(2**31):
        yield "SCRIPT-VERSION", path, False
    else:
        yield "SCRIPT-VALUE", path, False


def findings(validator, text):
    keys, values = {}, {}
    try:
        script = built(yaml.compose(text), (), keys, values)
    except (yaml.YAMLError, AttributeError):
        return None
    found = {one for error in validator.iter_errors(script) for one in said(error)}
    # A key that is misspelt is missing, too: `check` says that once.
    misspelt = {path[:-1] for code, path, _ in found if code == "SCRIPT-UNKNOWN-KEY"}
    found = {one for one in found if not (one[0] == "SCRIPT-MISSING-KEY" and one[1] in misspelt)}
    # What stands under a name that is none is not read.
    nameless = {path for code, path, is_key in found if code == "SCRIPT-VALUE" and is_key}
    found = {one for one in found if not any(len(one[1]) > len(path) and one[1][:len(path)] == path for path in nameless)}
    marks = {(code, (keys if is_key else values)[path]) for code, path, is_key in found}
    return sorted({(code, f"{mark.line + 1}:{mark.column + 1}") for code, mark in marks})


request = json.load(sys.stdin)
jsonschema.Draft7Validator.check_schema(request["schema"])
validator = jsonschema.Draft7Validator(request["schema"])
json.dump([findings(validator, text) for text in request["scripts"]], sys.stdout)
