-- The tables, for SQLite and PostgreSQL. `{id}` is a primary key that the database counts up.
CREATE TABLE users (
    id {id},
    email TEXT NOT NULL UNIQUE CHECK (email = LOWER(email))
);
CREATE TABLE organizations (
    id {id},
    title TEXT NOT NULL
);
-- Read before it is known who asks, so it is under no policy.
CREATE TABLE organization_settings (
    organization_id BIGINT PRIMARY KEY REFERENCES organizations ON DELETE CASCADE,
    default_role TEXT NOT NULL,
    assigns_same_level BOOLEAN NOT NULL,
    overrides TEXT NOT NULL,
    invitation TEXT NOT NULL,
    invitation_hash TEXT NOT NULL UNIQUE
);
-- Whom an invitation link is to be sent to. The link is read when it is sent, since it may be reset before.
CREATE TABLE outbox (
    organization_id BIGINT NOT NULL REFERENCES organizations ON DELETE CASCADE,
    email TEXT NOT NULL CHECK (email = LOWER(email)),
    PRIMARY KEY (organization_id, email)
);
CREATE TABLE members (
    id {id},
    organization_id BIGINT NOT NULL REFERENCES organizations ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users ON DELETE CASCADE,
    role TEXT NOT NULL,
    role_source TEXT NOT NULL,
    UNIQUE (user_id, organization_id)
);
-- An organization has one Owner, whatever the service does.
CREATE UNIQUE INDEX owners ON members (organization_id) WHERE role = 'OW';
-- Who a token or a cookie stands for. Only its hash is kept.
CREATE TABLE sessions (
    hash TEXT PRIMARY KEY,
    is_token BOOLEAN NOT NULL,
    organization_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    FOREIGN KEY (user_id, organization_id) REFERENCES members (user_id, organization_id) ON DELETE CASCADE
);
-- Other programs that ask for decisions. Each belongs to one organization. Of its credential, only the hash is kept.
CREATE TABLE services (
    id {id},
    organization_id BIGINT NOT NULL REFERENCES organizations ON DELETE CASCADE,
    name TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    UNIQUE (organization_id, name)
);
CREATE TABLE workspaces (
    id {id},
    organization_id BIGINT NOT NULL REFERENCES organizations ON DELETE CASCADE,
    title TEXT NOT NULL,
    created_by BIGINT REFERENCES users,
    is_personal BOOLEAN NOT NULL,
    version BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE workspace_members (
    workspace_id BIGINT NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users ON DELETE CASCADE,
    PRIMARY KEY (workspace_id, user_id)
);
CREATE TABLE projects (
    id {id},
    organization_id BIGINT NOT NULL REFERENCES organizations ON DELETE CASCADE,
    workspace_id BIGINT REFERENCES workspaces ON DELETE SET NULL,
    title TEXT NOT NULL,
    created_by BIGINT REFERENCES users,
    show_annotation_history BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    version BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE project_members (
    project_id BIGINT NOT NULL REFERENCES projects ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users ON DELETE CASCADE,
    PRIMARY KEY (project_id, user_id)
);
CREATE TABLE project_roles (
    id {id},
    project_id BIGINT NOT NULL REFERENCES projects ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('AN', 'RE')),
    role_source TEXT NOT NULL,
    UNIQUE (project_id, user_id)
);
CREATE TABLE tasks (
    id {id},
    project_id BIGINT NOT NULL REFERENCES projects ON DELETE CASCADE,
    data TEXT NOT NULL,
    version BIGINT NOT NULL DEFAULT 0,
    UNIQUE (id, project_id)
);
-- The foreign key keeps the project that of the task.
CREATE TABLE task_assignees (
    task_id BIGINT NOT NULL,
    project_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users ON DELETE CASCADE,
    type TEXT NOT NULL CHECK (type IN ('AN', 'RE')),
    PRIMARY KEY (task_id, user_id, type),
    FOREIGN KEY (task_id, project_id) REFERENCES tasks (id, project_id) ON DELETE CASCADE
);
CREATE TABLE annotations (
    id {id},
    task_id BIGINT NOT NULL REFERENCES tasks ON DELETE CASCADE,
    completed_by BIGINT REFERENCES users,
    result TEXT NOT NULL,
    version BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE annotation_reviews (
    id {id},
    annotation_id BIGINT NOT NULL REFERENCES annotations ON DELETE CASCADE,
    created_by BIGINT NOT NULL REFERENCES users,
    accepted BOOLEAN NOT NULL
);
-- As the client reads it; `extra_data` has the decisions, and `service` the name of the service that asked, if it
-- was no user.
CREATE TABLE activity (
    id {id},
    organization_id BIGINT NOT NULL REFERENCES organizations ON DELETE CASCADE,
    user_id BIGINT NOT NULL,
    datetime TEXT NOT NULL,
    request_method TEXT NOT NULL,
    request_url TEXT NOT NULL,
    response_code TEXT NOT NULL,
    extra_data TEXT NOT NULL,
    service TEXT
);
CREATE INDEX activity_of_organization ON activity (organization_id, id);
