"""Asks SpiceDB what a JSON object on the standard input asks, and prints the answers as one.

`schema`, `tuples`; `asked`: each `{"users": [object, relation]}`, `{"objects": [user, relation, type]}` or
`{"check": [user, relation, object]}`. With `seconds`, the checks are repeated one by one for that long, and `each`
is what one took.
"""

import json
import sys
import time

from authzed.api.v1 import (
    CheckPermissionRequest,
    CheckPermissionResponse,
    Consistency,
    LookupResourcesRequest,
    LookupSubjectsRequest,
    ObjectReference,
    PermissionsServiceStub,
    Relationship,
    RelationshipUpdate,
    SubjectReference,
    WriteRelationshipsRequest,
    WriteSchemaRequest,
)
from spicedb_embedded import EmbeddedSpiceDB

LATEST = Consistency(fully_consistent=True)
HAS = CheckPermissionResponse.PERMISSIONSHIP_HAS_PERMISSION
AT_ONCE = 1000


def reference(text):
    kind, id = text.split(":")
    return ObjectReference(object_type=kind, object_id=id)


def subject(text):
    return SubjectReference(object=reference(text))


def update(text):
    resource, rest = text.split("#")
    relation, holder = rest.split("@")
    return RelationshipUpdate(
        operation=RelationshipUpdate.OPERATION_TOUCH,
        relationship=Relationship(resource=reference(resource), relation=relation, subject=subject(holder)),
    )


def in_parts(items):
    return [items[start : start + AT_ONCE] for start in range(0, len(items), AT_ONCE)]


def users(permissions, resource, permission):
    request = LookupSubjectsRequest(
        consistency=LATEST, resource=reference(resource), permission=permission, subject_object_type="user"
    )
    return sorted("user:" + found.subject.subject_object_id for found in permissions.LookupSubjects(request))


def objects(permissions, user, permission, kind):
    request = LookupResourcesRequest(
        consistency=LATEST, resource_object_type=kind, permission=permission, subject=subject(user)
    )
    return sorted(kind + ":" + found.resource_object_id for found in permissions.LookupResources(request))


def check(permissions, user, permission, resource):
    request = CheckPermissionRequest(
        consistency=LATEST, resource=reference(resource), permission=permission, subject=subject(user)
    )
    return permissions.CheckPermission(request).permissionship == HAS


def each(permissions, asked, seconds):
    """Seconds that one check takes."""
    checks = [question["check"] for question in asked if "check" in question]
    start, count = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        check(permissions, *checks[count % len(checks)])
        count += 1
    return (time.perf_counter() - start) / count


def main():
    given = json.load(sys.stdin)
    with EmbeddedSpiceDB.start() as spicedb:
        spicedb.schema().WriteSchema(WriteSchemaRequest(schema=given["schema"]))
        for part in in_parts(given["tuples"]):
            spicedb.permissions().WriteRelationships(WriteRelationshipsRequest(updates=map(update, part)))
        # Lists are streams, which only the channel has, and checks are not.
        streams, permissions = PermissionsServiceStub(spicedb.channel()), spicedb.permissions()
        ask = {
            "users": lambda *question: users(streams, *question),
            "objects": lambda *question: objects(streams, *question),
            "check": lambda *question: check(permissions, *question),
        }
        answers = [ask[kind](*question) for one in given["asked"] for kind, question in one.items()]
        answered = {"answers": answers}
        if "seconds" in given:
            answered["each"] = each(permissions, given["asked"], given["seconds"])
    json.dump(answered, sys.stdout)


main()
