"""The stock client against the service: every row that it has a method for, as each role, through a token.

    client.py OUTPUT RE=TOKEN AN=TOKEN

OUTPUT is what a service with the seed alone printed when it started. That has no tokens of reviewers and
annotators, for whom there is little use of one.
"""

import csv
import json
import re
import sys
import typing
from collections import Counter
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import httpx
import label_studio_sdk
from label_studio_sdk import LabelStudio
from label_studio_sdk.core.api_error import ApiError
from label_studio_sdk.core.pagination import SyncPager
from label_studio_sdk.data_manager import Column, Filters, Operator, Type
from label_studio_sdk.types import PaginatedLseOrganizationMemberListList
from label_studio_sdk.projects.assignments import BulkTaskAssigneesRequestRequestSelectedItemsIncluded as Included
from pydantic import TypeAdapter

# What the service serves and the client has no method for.
WITHOUT_METHOD = {
    ("POST", "/api/organizations/{}/memberships"),  # a synonym: the client sends PATCH
    ("POST", "/api/organizations/{}/owner"),
    ("POST", "/api/organizations/{}/permissions/impact"),
    ("POST", "/api/organizations/{}/permissions/impact/members"),
    ("POST", "/api/organizations/{}/permissions/impact/rows"),
    ("POST", "/user/signup"),
    ("GET", "/api/projects/{}/next/"),
    ("GET", "/api/projects/{}/people/"),
}

# What the client has a method for that is about members, roles, workspaces or invitations, and is not served: and
# why.
SETTINGS = "settings that decide nothing, and that the matrix has no action for"
TAGS = "labels of members: no permission depends on them"
CHOICES = "choices for filters that the service does not have: its own are in `filter-schema`"
PAUSES = "a pause stops somebody's queue, and takes no permission"
ACCOUNTS = "accounts: people come by an invitation, and members are listed by `organizations.members`"
STATISTICS = "statistics"
NOT_SERVED = {
    ("PATCH", "/api/organizations/{}"): SETTINGS,
    ("GET", "/api/organizations/{}/memberships/filter-options/membership"): CHOICES,
    ("GET", "/api/organizations/{}/memberships/filter-options/skills"): CHOICES,
    ("GET", "/api/organizations/{}/member-tags"): TAGS,
    ("POST", "/api/organizations/{}/member-tags"): TAGS,
    ("GET", "/api/organizations/{}/member-tags/{}"): TAGS,
    ("PATCH", "/api/organizations/{}/member-tags/{}"): TAGS,
    ("DELETE", "/api/organizations/{}/member-tags/{}"): TAGS,
    ("POST", "/api/organizations/{}/member-tags/assignments"): TAGS,
    ("POST", "/api/organizations/{}/member-tags/bulk"): TAGS,
    ("DELETE", "/api/organizations/{}/member-tags/bulk"): TAGS,
    ("POST", "/api/organizations/{}/member-tags/imports"): TAGS,
    ("GET", "/api/organizations/{}/member-tags/imports/{}"): TAGS,
    ("GET", "/api/projects/{}/members/{}/pauses/"): PAUSES,
    ("POST", "/api/projects/{}/members/{}/pauses/"): PAUSES,
    ("GET", "/api/projects/{}/members/{}/pauses/{}/"): PAUSES,
    ("PATCH", "/api/projects/{}/members/{}/pauses/{}/"): PAUSES,
    ("DELETE", "/api/projects/{}/members/{}/pauses/{}/"): PAUSES,
    ("GET", "/api/projects/{}/users/{}/stats/agreement-groundtruth"): STATISTICS,
    ("GET", "/api/users/"): ACCOUNTS,
    ("POST", "/api/users/"): ACCOUNTS,
    ("GET", "/api/users/{}/"): ACCOUNTS,
    ("PATCH", "/api/users/{}/"): ACCOUNTS,
    ("DELETE", "/api/users/{}/"): ACCOUNTS,
}
# The parts of paths of what is about these.
SUBJECTS = set("organizations workspaces members memberships roles assignees invite users".split())

ACME = 1
EVERYBODY = "OW AD MA RE AN"
MANAGERS = "OW AD MA"
results = Counter()


def test(name, holds, seen=""):
    results[bool(holds)] += 1
    if not holds:
        print(f"FAILED {name} {seen}"[:1000])


def client_calls():
    """What the client's methods ask for."""
    sources = Path(label_studio_sdk.__file__).parent.rglob("raw_client.py")
    request = re.compile(r'\.(?:request|stream)\(\s*f?"([^"]+)",\s*method="([A-Z]+)"')
    found = (call for source in sources for call in request.findall(source.read_text()))
    return {(method, re.sub(r"\{.*?\}", "{}", f"/{path}")) for path, method in found}


def is_about_members(call):
    return not SUBJECTS.isdisjoint(call[1].split("/"))


def service_routes():
    """What the service serves, as its router says."""
    router = (Path(__file__).parent / "../src/lib.rs").read_text()
    for route in router.split(".route(")[1:]:
        path = re.sub(r"\{.*?\}", "{}", re.search(r'"(.+?)"', route)[1])
        for method in re.findall(r"\b(get|post|put|patch|delete)\(", route):
            yield method.upper(), path


ROUTES = set(service_routes())


def route_of(request):
    def serves(route):
        pattern = re.escape(route[1]).replace(r"\{\}", "[^/]+")
        return route[0] == request.method and re.fullmatch(pattern, request.url.path)

    # `/projects/roles/` is no project.
    return min(filter(serves, ROUTES), key=lambda route: route[1].count("{}"), default=None)


class Caller:
    """A member, and what they asked for."""

    def __init__(self, url, role, token, cookie=None):
        self.role, self.email = role, f"{role.lower()}@acme.example"
        self.asked, self.answer = set(), b""

        def sent(request):
            self.asked.add(route_of(request))
            if cookie:
                del request.headers["authorization"]
                request.headers["cookie"] = f"sessionid={cookie}"

        def received(response):
            self.answer = response.read()

        http = httpx.Client(event_hooks={"request": [sent], "response": [received]})
        self.client = LabelStudio(base_url=url, api_key=token, httpx_client=http)

    def do(self, method, *args, **kwargs):
        """Returns all of an answer, which has to be what the client's method says that it returns."""
        function = self.client
        for name in method.split("."):
            function = getattr(function, name)
        answer = function(*args, **kwargs)
        if isinstance(answer, SyncPager):
            # The client checks no answer that it reads.
            TypeAdapter(type(answer.response)).validate_json(self.answer)
            total = answer.response.total if method == "tasks.list" else answer.response.count
            rows = list(islice(answer, total + 1))
            assert len({row.id for row in rows}) == len(rows) == total, f"{len(rows)} rows of {total}"
            return rows
        returns = typing.get_type_hints(function)["return"]
        if typing.get_origin(returns) is typing.get_origin(typing.Iterator[bytes]):
            text = b"".join(answer).decode()
            return list(csv.DictReader(text.splitlines())) if method.endswith("_csv") else json.loads(text)
        if returns is type(None):
            assert not self.answer, self.answer
            return True
        if method == "organizations.members.search":
            # The client's type is that of one member. The answer is a page, as it is of the same with GET.
            TypeAdapter(PaginatedLseOrganizationMemberListList).validate_json(self.answer)
            return answer
        read = TypeAdapter(returns).validate_json(self.answer)
        assert read == answer, f"{read} {answer}"
        return answer

    def __call__(self, method, *args, only=MANAGERS, denied=403, check=bool, **kwargs):
        """Tests that the call is served to the roles and as it should be, and denied to the others.
        Annotators and reviewers are not told more than the service would tell a stranger."""
        name = f"{self.role} {method}{args}{kwargs}"
        statuses = {denied} if self.role in MANAGERS else {403, 404}
        try:
            answer = self.do(method, *args, **kwargs)
        except ApiError as error:
            told = error.status_code in statuses and error.body["status"] == error.status_code
            test(name, self.role not in only and told, f"{error.status_code} {error.body}")
            return None
        except Exception as error:
            test(name, False, f"{type(error).__name__}: {error}")
            return None
        test(name, self.role in only and check(answer), answer)
        return answer


def is_descending(values):
    return values == sorted(values, reverse=True)


def has(**fields):
    return lambda answer: all(getattr(answer, name) == value for name, value in fields.items())


def members(people):
    return {one.id: (one.implicit_member, one.project_role) for one in people}


def every_row(me, owner, w):
    """In an order in which it can be done, on what is there (`w`) or was made before."""
    # The organization.
    me("users.whoami", only=EVERYBODY, check=has(email=me.email, role=me.role))
    me("organizations.list", only=EVERYBODY, check=lambda it: [one.id for one in it] == [ACME])
    me("organizations.get", ACME, check=has(title="Acme"))
    me("organizations.members.list", ACME, page_size=2, check=lambda it: w.newcomer in [one.user.id for one in it])
    me("organizations.members.list", ACME, role="MA", check=lambda it: [one.role for one in it] == ["MA"])
    me("organizations.members.get", ACME, w.newcomer, check=has(organization=ACME, user=w.newcomer))
    by_email = {"search": "Ow@Acme", "page_size": 2}
    me("organizations.members.list_filtered", ACME, **by_email, check=lambda it: [one.role for one in it.results] == ["OW"])
    sorted_by = {"ordering": "-email", "search": "@acme", "role": ["OW", "MA"], "page_size": 1}
    is_sorted = lambda it: [one.role for one in it] == ["OW", "MA"]
    me("organizations.members.list", ACME, **sorted_by, check=is_sorted)
    dimensions = lambda it: [it.version] + [one["name"] for one in it.filters] == [1, "role", "search"]
    me("organizations.members.get_filter_schema", ACME, check=dimensions)
    filters = {"version": 1, "role": ["RE"], "search": "acme"}
    only_one = lambda it: [one["role"] for one in it.results] == ["RE"] and it.count == 1
    me("organizations.members.search", ACME, filters=filters, check=only_one)
    is_found = lambda it: [one.role for one in it.results] == ["RE"]
    me("organizations.members.list_filtered", ACME, filters=json.dumps(filters), check=is_found)
    role = {"user_id": w.newcomer, "role": "AN"}
    me("organizations.members.update", ACME, **role, only="OW AD", check=has(role="AN"))
    owner.do("organizations.members.update", ACME, **role)
    for default in ["AN", "NO"]:
        role = {"default_role": default}
        me("organizations.update_default_role", ACME, **role, only="OW AD", check=has(**role))
    reset = me("organizations.reset_token", only="OW AD", check=lambda it: it.token in it.invite_url)
    me("organizations.invites.get_invite_link", only="OW AD", check=lambda it: it == reset)
    guests = {"emails": ["guest@new.example", "other@new.example"]}
    me("organizations.invites.send_email", **guests, role="NO", only="OW AD")
    me("organizations.invites.send_email", **guests, user_type="standard", projects=[], workspaces=[], only="OW AD")
    me("organizations.invites.send_email", **guests, role="MA", only="", denied=403 if me.role == "MA" else 409)
    me("organizations.invites.revoke_invite", email="guest@new.example", only="OW AD")
    me("organizations.invites.get_invite_link", only="OW AD", check=lambda it: it != reset)

    # What its Owner changes in the matrix.
    key = "data.export"
    me("organizations.permissions.get_options", ACME, only="OW", check=lambda it: key in [one.permission for one in it])
    me("organizations.permissions.create", ACME, permission=key, roles=["AD"], only="OW", check=has(roles=["AD"]))
    me("organizations.permissions.list", ACME, only="OW", check=lambda it: [one.permission for one in it] == [key])
    me("organizations.permissions.get", ACME, key, only="OW", check=has(permission=key, roles=["AD"]))
    me("organizations.permissions.replace", ACME, key, permission=key, roles=["AD", "MA"], only="OW")
    me("organizations.permissions.get", ACME, key, only="OW", check=has(roles=["AD", "MA"]))
    me("organizations.permissions.update", ACME, key, roles=[], only="OW", check=has(roles=[]))
    me("organizations.permissions.delete", ACME, key, only="OW")
    me("organizations.permissions.get", ACME, key, only="", denied=404 if me.role == "OW" else 403)

    # Workspaces.
    made = me("workspaces.create", title="Mine", check=has(title="Mine"))
    w.workspace = made.id if made else w.workspace
    me("workspaces.list", check=lambda it: w.workspace in [one.id for one in it])
    me("workspaces.update", w.workspace, title="Still mine", check=has(title="Still mine"))
    me("workspaces.get", w.workspace, check=has(id=w.workspace, title="Still mine"))
    me("workspaces.members.create", w.workspace, user=w.newcomer, check=has(user=w.newcomer))
    is_added = lambda it: [(one.user.id, one.workspace) for one in it] == [(w.newcomer, w.workspace)]
    me("workspaces.members.list", w.workspace, check=is_added)
    paged = {"page_size": 1, "check": lambda it: [one.id for one in it] == [w.newcomer]}
    me("workspaces.members.paginated.list", w.workspace, **paged)
    some = {"ids": f"{w.newcomer},{w.id_of['RE']}", "search": "NEW.ex", **paged}
    me("workspaces.members.paginated.list", w.workspace, **some)
    me("workspaces.members.delete", w.workspace, user_id=w.newcomer)
    me("workspaces.members.list", w.workspace, check=lambda it: it == [])
    pair = [w.newcomer, w.id_of["RE"]]
    me("workspaces.members.bulk.post", w.workspace, all_=False, included=pair, check=has(assignments=2))
    me("workspaces.members.list", w.workspace, check=lambda it: {one.user.id for one in it} == set(pair))
    rest = {"all_": True, "excluded": str(w.id_of["RE"])}
    me("workspaces.members.bulk.delete", w.workspace, **rest, check=has(unassignments=1))
    me("workspaces.members.bulk.delete", w.workspace, included=str(w.id_of["RE"]), check=has(unassignments=1))
    me("workspaces.members.list", w.workspace, check=lambda it: it == [])

    # Projects. Outside of a workspace, and in that of somebody else, they are not a manager's to create.
    for workspace in [None, w.plants]:
        place = {"workspace": workspace}
        made = me("projects.create", title="Else", **place, only="OW AD", check=has(**place))
        if made:
            me("projects.delete", made.id)
    place = {"workspace": w.workspace}
    made = me("projects.create", title="Birds", **place, check=has(title="Birds", **place))
    w.project = made.id if made else w.project
    me("projects.list", page_size=2, check=lambda it: w.project in [one.id for one in it])
    me("projects.update", w.project, title="Owls", check=has(title="Owls"))
    me("projects.list", ordering="-title", page_size=1, check=lambda it: is_descending([one.title for one in it]))
    me("projects.list", search="OWL", check=lambda it: [one.id for one in it] == [w.project])
    me("projects.list", title="%", check=lambda it: it == [])
    me("workspaces.list", ordering="-title", check=lambda it: is_descending([one.title for one in it]))
    me("workspaces.projects.list", w.workspace, check=lambda it: [one.id for one in it] == [w.project])
    me("workspaces.projects.remove", w.workspace, project=w.project, only="OW AD")
    if me.role in "OW AD":
        me("projects.get", w.project, check=has(workspace=None))
    me("workspaces.projects.add", w.workspace, project=w.project)
    me("projects.get", w.project, check=has(workspace=w.workspace))
    me("workspaces.projects.remove", w.plants, project=w.project, only="", denied=404)
    me("projects.update", w.project, workspace=w.plants, only="OW AD", check=has(workspace=w.plants))
    me("projects.get", w.project, check=has(id=w.project, title="Owls"))
    me("projects.members.add", w.project, user=w.newcomer, check=has(user=w.newcomer))
    there = {w.id_of[role]: (role != me.role, None) for role in MANAGERS.split()} | {w.newcomer: (False, None)}
    me("projects.members.paginated.list", w.project, page_size=2, check=lambda it: members(it) == there)
    by_email = {"ordering": "-email", "search": "acme"}
    is_sorted = lambda it: [one.email[:2] for one in it] == ["ow", "ma", "ad"]
    me("projects.members.paginated.list", w.project, **by_email, page_size=2, check=is_sorted)
    is_named = lambda it: [one.id for one in it] == [w.newcomer]
    me("projects.members.paginated.list", w.project, ids=f"{w.newcomer},{w.id_of['AN']}", check=is_named)
    is_file = lambda it: [one["email"][:2] for one in it] == ["ow", "ma", "ad"]
    me("projects.members.export_csv", w.project, **by_email, check=is_file)
    more = {w.id_of["AN"]: (False, None), w.id_of["RE"]: (False, None)}
    them = ",".join(map(str, more))
    added = has(assignments=2, skipped_user_ids=[])
    me("projects.members.bulk.post", w.project, all_=False, included=list(more), check=added)
    me("projects.members.paginated.list", w.project, check=lambda it: members(it) == there | more)
    me("projects.members.bulk.delete", w.project, included=them, check=has(unassignments=2))
    both = {"all_": False, "included": list(more), "roles": [{"user_id": w.id_of["AN"], "role": "RE"}]}
    me("projects.members.bulk.post", w.project, **both, only="OW AD", check=added)
    me("projects.roles.list", ids=[w.project], check=lambda it: it == [])  # nobody here asks for their own
    left = {"all_": True, "excluded": str(w.newcomer)}
    gone = has(unassignments=0 if me.role == "MA" else 2)
    me("projects.members.bulk.delete", w.project, **left, check=gone)
    me("projects.members.paginated.list", w.project, check=lambda it: members(it) == there)

    # Tasks.
    tasks = [{"data": {"text": "Is it an owl?"}}, {"text": "Is it?"}]
    me("projects.import_tasks", w.project, request=tasks, check=lambda it: len(it.task_ids) == it.task_count == 2)
    task = {"project": w.project, "data": {"text": "Hoo"}}
    made = me("tasks.create", **task, check=has(**task))
    w.task = made.id if made else w.task
    me("tasks.list", project=w.project, page_size=2, check=lambda it: [one.project for one in it] == [w.project] * 3)
    me("tasks.list", page_size=2, check=lambda it: w.task in [one.id for one in it])
    hoo = Filters.item(Column.data("text"), Operator.CONTAINS, Type.String, Filters.value("hoo"))
    query = {"filters": Filters.create(Filters.AND, [hoo]), "ordering": ["-" + Column.id]}
    of = {"project": w.project, "query": json.dumps(query)}
    me("tasks.list", **of, check=lambda it: [one.id for one in it] == [w.task])
    for role in ["AN", "RE"]:
        of = [w.project, w.task]
        as_said = has(task=w.task, assignee=w.newcomer, type=role)
        me("projects.assignments.assign", *of, type=role, users=[w.newcomer], check=as_said)
        only_they = lambda it: [(one.assignee, one.task, one.type) for one in it] == [(w.newcomer, w.task, role)]
        me("projects.assignments.list", *of, check=only_they)
        me("projects.assignments.update", *of, type=role, users=[w.id_of["OW"]], check=has(assignee=w.id_of["OW"]))
        me("projects.assignments.list", *of, check=lambda it: [one.assignee for one in it] == [w.id_of["OW"]])
        me("projects.assignments.update", *of, type=role, users=[w.newcomer], check=as_said)
        me("projects.assignments.delete", *of, type=role, users=str(w.newcomer))
    two = [one.id for one in owner.do("tasks.list", project=w.project)][:2]
    for role in ["AN", "RE"]:
        assigned = lambda it: (it.assignments, it.async_, sorted(it.task_ids)) == (len(two), False, sorted(two))
        chosen = Included(all_=False, included=two)
        them = {"type": role, "users": [w.newcomer]}
        me("projects.assignments.bulk_assign", w.project, selected_items=chosen, **them, check=assigned)

    # Annotations.
    made = me("annotations.create", w.task, result=[{"value": 1}], check=has(task=w.task, result=[{"value": 1}]))
    w.annotation = made.id if made else w.annotation
    me("annotations.update", w.annotation, result=[{"value": 2}], check=has(result=[{"value": 2}]))
    me("annotations.get", w.annotation, check=has(id=w.annotation, result=[{"value": 2}]))
    me("annotations.list", w.task, check=lambda it: [one.id for one in it] == [w.annotation])
    me("tasks.get", str(w.task), check=lambda it: [one["id"] for one in it.annotations] == [w.annotation])
    me("annotation_reviews.create", annotation=w.annotation, accepted=True, check=has(accepted=True))
    me("projects.exports.download_sync", w.project, check=lambda it: it[-1]["annotations"][0]["id"] == w.annotation)

    # Roles in a project.
    role = {"project": w.project, "user": w.newcomer, "role": "RE"}
    given = me("projects.roles.add", **role, only="OW AD", check=has(**role))
    given = given or owner.do("projects.roles.add", **role)
    me("projects.roles.get", w.project, check=lambda it: it == [given])
    has_role = lambda it: members(it) == there | {w.newcomer: (False, "RE")}
    me("projects.members.paginated.list", w.project, check=has_role)
    me("projects.roles.remove", given.id, only="OW AD")

    # The log; and what there was goes again, but oneself.
    def has_it(log):
        return f"/api/projects/roles/{given.id}/" in [entry.request_url for entry in log[0].data]

    me("activity_logs.list", page_size=20, only="OW AD", denied=404, check=has_it)
    me("projects.members.remove", w.project, user=w.newcomer)
    me("projects.delete", w.project)
    me("projects.get", w.project, only="", denied=404)
    me("workspaces.delete", w.workspace)
    me("workspaces.get", w.workspace, only="", denied=404)
    me("organizations.members.delete", ACME, w.newcomer, only="OW AD")
    me("organizations.members.delete", ACME, w.id_of[me.role], only="", denied=403 if me.role == "MA" else 405)


def world(owner, url, newcomer):
    """The seed, and somebody who has signed up."""
    invitation = owner.do("organizations.invites.get_invite_link")
    joined = httpx.post(url + invitation.invite_url, json={"email": f"{newcomer}@new.example"})
    workspaces = {one.title: one.id for one in owner.do("workspaces.list")}
    projects = {one.title: one.id for one in owner.do("projects.list")}
    task = owner.do("tasks.list", project=projects["Cats"])[0].id
    return SimpleNamespace(
        newcomer=joined.raise_for_status().json()["id"],
        id_of={one.role: one.user.id for one in reversed(owner.do("organizations.members.list", ACME))},
        workspace=workspaces["Animals"],
        plants=workspaces["Plants"],
        project=projects["Cats"],
        projects=projects,
        task=task,
        annotation=owner.do("annotations.list", task)[0].id,
    )


def stored(owner):
    """What there is in the organization, as its Owner sees it."""
    owner.do("organizations.permissions.list", ACME)
    seen = [owner.answer]
    for method in ["organizations.invites.get_invite_link", "workspaces.list"]:
        owner.do(method)
        seen.append(owner.answer)
    for method, args in [("organizations.members.list", [ACME]), ("projects.list", []), ("tasks.list", [])]:
        seen.append(owner.do(method, *args, page_size=1000))
    for project in owner.do("projects.list"):
        seen.append(owner.do("projects.exports.download_sync", project.id))
    return seen


def managers_reach(manager, owner, w):
    """What is theirs or in a workspace of theirs: a manager's token opens no other project."""

    def everything(project, **expected):
        task = owner.do("tasks.list", project=project)[0].id
        annotation = owner.do("annotations.list", task)[0].id
        manager("projects.get", project, **expected)
        manager("projects.update", project, title="Taken", **expected)
        manager("projects.import_tasks", project, request=[{"text": "Taken"}], **expected)
        manager("projects.exports.download_sync", project, **expected)
        manager("projects.members.add", project, user=w.id_of["AN"], **expected)
        manager("tasks.list", project=project, **expected)
        manager("tasks.get", str(task), **expected)
        manager("annotations.list", task, **expected)
        manager("annotations.create", task, result=[], **expected)
        manager("annotations.update", annotation, result=[], **expected)
        manager("annotation_reviews.create", annotation=annotation, **expected)

    def lists(*projects):
        ids = {w.projects[title] for title in projects}
        manager("projects.list", page_size=1, check=lambda it: {one.id for one in it} == ids)
        manager("tasks.list", page_size=1, check=lambda it: {one.project for one in it} == ids)

    lists("Cats")
    for title in ["Notes", "Drafts", "Trees"]:
        everything(w.projects[title], only="", denied=404)
        manager("projects.delete", w.projects[title], only="", denied=404)
    manager("workspaces.update", w.plants, title="Taken", only="")
    manager("workspaces.members.create", w.plants, user=w.id_of["MA"], only="")
    manager("workspaces.delete", w.plants, only="")

    owner("projects.members.add", w.projects["Trees"], user=w.id_of["MA"])
    everything(w.projects["Trees"], only="", denied=404)  # an invitation is not enough
    lists("Cats")
    owner("workspaces.members.create", w.plants, user=w.id_of["MA"])
    everything(w.projects["Trees"])
    lists("Cats", "Trees")


def main(output, *tokens):
    started = Path(output).read_text()
    url = re.search(r"^listening on (\S+)", started, re.MULTILINE)[1]
    printed = re.findall(r"^# (..)@acme\.example\ncurl -H '(\w+): .*?(\w{64})'", started, re.MULTILINE)
    token = {role.upper(): secret for role, header, secret in printed if header == "Authorization"}
    cookie = {role.upper(): secret for role, header, secret in printed if header == "Cookie"}
    token |= (pair.split("=") for pair in tokens)

    there = client_calls()
    missing = ROUTES - there
    test("the client has a method for all but what is listed", missing == WITHOUT_METHOD, missing ^ WITHOUT_METHOD)

    not_served = set(filter(is_about_members, there)) - ROUTES
    named = set(NOT_SERVED)
    test("all that is about members is served, or has a reason why not", not_served == named, not_served ^ named)

    for role in EVERYBODY.split():
        owner, me = Caller(url, "OW", token["OW"]), Caller(url, role, token[role])
        w = world(owner, url, f"for-{role}")
        if role in "RE AN":
            # What is out of reach for a token here, a session opens.
            session = Caller(url, role, token[role], cookie[role])
            for method, of in [
                ("projects.get", w.project),
                ("tasks.get", str(w.task)),
                ("annotations.get", w.annotation),
            ]:
                session(method, of, only=role)
            owner.do("organizations.members.update", ACME, user_id=w.newcomer, role="AN")
            owner.do("projects.roles.add", project=w.project, user=w.newcomer, role="RE")
            before = stored(owner)
        every_row(me, owner, w)
        if role in "RE AN":
            test(f"{role} changed nothing", stored(owner) == before)
        left = ROUTES - WITHOUT_METHOD - me.asked
        test(f"{role} asked for all that the client can", not left, left)

    owner = Caller(url, "OW", token["OW"])
    managers_reach(Caller(url, "MA", token["MA"]), owner, world(owner, url, "bystander"))
    Caller(url, "OW", "0" * 64)("users.whoami", only="", denied=401)

    print(f"{results[True]} passed, {results[False]} failed")
    return 1 if results[False] else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
