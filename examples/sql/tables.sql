CREATE TABLE projects (
    id BIGINT PRIMARY KEY,
    organization_id BIGINT NOT NULL,
    workspace_id BIGINT,
    created_by BIGINT,
    show_annotation_history BOOLEAN NOT NULL,
    title TEXT NOT NULL
);
CREATE TABLE workspaces (id BIGINT PRIMARY KEY, organization_id BIGINT, created_by BIGINT, is_personal BOOLEAN);
CREATE TABLE workspace_members (workspace_id BIGINT, user_id BIGINT, PRIMARY KEY (workspace_id, user_id));
CREATE TABLE project_members (project_id BIGINT, user_id BIGINT, PRIMARY KEY (project_id, user_id));
CREATE TABLE project_roles (project_id BIGINT, user_id BIGINT, role TEXT, PRIMARY KEY (project_id, user_id));
CREATE TABLE tasks (id BIGINT PRIMARY KEY, project_id BIGINT);
CREATE TABLE task_assignees (task_id BIGINT, user_id BIGINT, project_id BIGINT, PRIMARY KEY (task_id, user_id));

INSERT INTO projects VALUES
    (100, 1, NULL, NULL, FALSE, 'Cats'),
    (101, 1, NULL, NULL, FALSE, 'Dogs'),
    (102, 1, NULL, NULL, FALSE, 'Cattle'),
    (103, 2, NULL, NULL, FALSE, 'Cats of others');
INSERT INTO project_members VALUES (100, 7), (102, 7), (103, 7);
INSERT INTO project_roles VALUES (102, 7, 'RE');
INSERT INTO tasks VALUES (1000, 100), (1001, 100), (1010, 101);
