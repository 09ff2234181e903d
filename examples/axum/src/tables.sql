-- The tables that `Schema::sqlite()` knows, by their default names. `title` and `version` are the service's own.
CREATE TABLE organization_members (organization_id INTEGER, user_id INTEGER, role TEXT NOT NULL,
    PRIMARY KEY (organization_id, user_id));
CREATE TABLE workspaces (id INTEGER PRIMARY KEY, organization_id INTEGER NOT NULL, created_by INTEGER,
    is_personal BOOLEAN NOT NULL DEFAULT FALSE);
CREATE TABLE workspace_members (workspace_id INTEGER, user_id INTEGER, PRIMARY KEY (workspace_id, user_id));
CREATE TABLE projects (id INTEGER PRIMARY KEY, organization_id INTEGER NOT NULL, workspace_id INTEGER,
    created_by INTEGER, show_annotation_history BOOLEAN NOT NULL DEFAULT FALSE,
    title TEXT NOT NULL, version INTEGER NOT NULL DEFAULT 1);
CREATE TABLE project_members (project_id INTEGER, user_id INTEGER, PRIMARY KEY (project_id, user_id));
CREATE TABLE project_roles (project_id INTEGER, user_id INTEGER, role TEXT NOT NULL,
    PRIMARY KEY (project_id, user_id));
CREATE TABLE tasks (id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL);
CREATE TABLE task_assignees (task_id INTEGER, user_id INTEGER, project_id INTEGER, PRIMARY KEY (task_id, user_id));
CREATE TABLE annotations (id INTEGER PRIMARY KEY, task_id INTEGER NOT NULL, completed_by INTEGER);

-- A session is found by the hash of the secret in its cookie: who reads the table cannot sign in.
CREATE TABLE sessions (hash BLOB PRIMARY KEY, organization_id INTEGER NOT NULL, user_id INTEGER NOT NULL,
    expires_at INTEGER NOT NULL DEFAULT (unixepoch('now', '+7 days')));
CREATE VIEW signed_in AS SELECT hash, organization_id, user_id, role FROM sessions
    JOIN organization_members USING (organization_id, user_id) WHERE expires_at > unixepoch();

-- One organization with somebody of each role and a second manager, and another with an owner. User 3 is in both.
INSERT INTO organization_members VALUES (1, 1, 'OW'), (1, 2, 'AD'), (1, 3, 'MA'), (1, 4, 'MA'), (1, 5, 'RE'),
    (1, 6, 'AN'), (1, 7, 'NO'), (1, 8, 'DI'), (2, 3, 'AN'), (2, 9, 'OW');
INSERT INTO workspaces (id, organization_id, created_by) VALUES (10, 1, 1);
INSERT INTO workspace_members VALUES (10, 4);
-- User 3 created the cats, and user 8 the dogs before they were deactivated. The birds are in a workspace.
INSERT INTO projects (id, organization_id, workspace_id, created_by, title) VALUES (100, 1, NULL, 3, 'Cats'),
    (101, 1, NULL, 8, 'Dogs'), (102, 1, 10, 1, 'Birds'), (200, 2, NULL, 9, 'Secret');
INSERT INTO project_members VALUES (100, 5), (100, 6), (100, 7), (100, 8), (200, 6);
