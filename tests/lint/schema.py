# SPDX-License-Identifier: GPL-3.0-or-later
"""Validates JSON by the part of JSON Schema 2020-12 that data/lanloom.schema.json uses."""

import re

TYPES = {'object': dict, 'array': list, 'string': str, 'boolean': bool, 'null': type(None)}
KNOWN = {'$schema', '$id', '$defs', '$ref', '$comment', 'title', 'description', 'type', 'enum', 'const',
         'required', 'properties', 'patternProperties', 'additionalProperties', 'propertyNames', 'items',
         'minItems', 'maxItems', 'minimum', 'maximum', 'pattern', 'minLength', 'maxLength', 'anyOf',
         'maxProperties', 'default', 'examples'}


def has_type(value, name):
    if name in ('integer', 'number'):
        if isinstance(value, bool):
            return False
        return isinstance(value, int) or (isinstance(value, float)
                                          and (name == 'number' or value.is_integer()))
    return isinstance(value, TYPES[name])


def validate(value, rules, root=None, where='lab'):
    """A list of sentences, one a problem."""
    root = root or rules
    if isinstance(rules, bool):
        return [] if rules else [f'{where} is not allowed']
    unknown = set(rules) - KNOWN
    if unknown:
        return [f'the validator does not know {", ".join(sorted(unknown))}']
    problems = []
    if '$ref' in rules:
        target = root
        for step in rules['$ref'].lstrip('#/').split('/'):
            target = target[step]
        problems += validate(value, target, root, where)
    if 'type' in rules:
        names = rules['type'] if isinstance(rules['type'], list) else [rules['type']]
        if not any(has_type(value, name) for name in names):
            return problems + [f'{where} is not of type {" or ".join(names)}']
    if 'enum' in rules and value not in rules['enum']:
        problems.append(f'{where} is not one of {rules["enum"]}')
    if 'const' in rules and value != rules['const']:
        problems.append(f'{where} is not {rules["const"]!r}')
    if 'anyOf' in rules and all(validate(value, rule, root, where) for rule in rules['anyOf']):
        problems.append(f'{where} fits none of its forms')
    if isinstance(value, str):
        problems += check_string(value, rules, where)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        problems += check_number(value, rules, where)
    elif isinstance(value, list):
        problems += check_array(value, rules, root, where)
    elif isinstance(value, dict):
        problems += check_object(value, rules, root, where)
    return problems


def check_string(value, rules, where):
    if 'pattern' in rules and not re.search(rules['pattern'], value):
        yield f'{where} does not match {rules["pattern"]}'
    if not rules.get('minLength', 0) <= len(value) <= rules.get('maxLength', len(value)):
        yield f'{where} is too short or too long'


def check_number(value, rules, where):
    if not rules.get('minimum', value) <= value <= rules.get('maximum', value):
        yield f'{where} is out of range'


def check_array(value, rules, root, where):
    if not rules.get('minItems', 0) <= len(value) <= rules.get('maxItems', len(value)):
        yield f'{where} has {len(value)} items'
    for i, item in enumerate(value):
        yield from validate(item, rules.get('items', True), root, f'{where}[{i}]')


def check_object(value, rules, root, where):
    for name in rules.get('required', []):
        if name not in value:
            yield f'{where} has no "{name}"'
    if len(value) > rules.get('maxProperties', len(value)):
        yield f'{where} has too many members'
    for name, item in value.items():
        yield from validate(name, rules.get('propertyNames', True), root, f'the name {where}.{name}')
        fitting = [rule for pattern, rule in rules.get('patternProperties', {}).items()
                   if re.search(pattern, name)]
        if name in rules.get('properties', {}):
            fitting.append(rules['properties'][name])
        for rule in fitting or [rules.get('additionalProperties', True)]:
            yield from validate(item, rule, root, f'{where}.{name}')
