-- What an organization of the seed has, besides a member of every role: a workspace that the manager created,
-- a sandbox, a workspace of the owner's, a project in each and one in none.
INSERT INTO workspaces (organization_id, title, created_by, is_personal)
SELECT {organization}, 'Animals', user_id, FALSE FROM members
WHERE organization_id = {organization} AND role = 'MA';
INSERT INTO workspaces (organization_id, title, created_by, is_personal)
SELECT {organization}, 'Sandbox', user_id, TRUE FROM members
WHERE organization_id = {organization} AND role = 'OW';
INSERT INTO workspaces (organization_id, title, created_by, is_personal)
SELECT {organization}, 'Plants', user_id, FALSE FROM members
WHERE organization_id = {organization} AND role = 'OW';

INSERT INTO projects (organization_id, title, created_by, show_annotation_history)
SELECT {organization}, 'Notes', user_id, FALSE FROM members
WHERE organization_id = {organization} AND role = 'OW';
INSERT INTO projects (organization_id, workspace_id, title, created_by, show_annotation_history)
SELECT {organization}, w.id,
    CASE w.title WHEN 'Animals' THEN 'Cats' WHEN 'Sandbox' THEN 'Drafts' ELSE 'Trees' END,
    m.user_id, w.title = 'Animals'
FROM workspaces w JOIN members m ON m.organization_id = w.organization_id AND m.role = 'OW'
WHERE w.organization_id = {organization} ORDER BY w.id;

INSERT INTO project_members (project_id, user_id)
SELECT p.id, m.user_id FROM projects p JOIN members m ON m.organization_id = p.organization_id
WHERE p.organization_id = {organization} AND p.title IN ('Cats', 'Trees') AND m.role IN ('RE', 'AN');

-- Two tasks in each project: one that the annotator annotated, and one that the reviewer did.
INSERT INTO tasks (project_id, data)
SELECT p.id, '{"text":"A task"}' FROM projects p JOIN members m ON m.organization_id = p.organization_id
WHERE p.organization_id = {organization} AND m.role IN ('RE', 'AN') ORDER BY p.id;
INSERT INTO annotations (task_id, completed_by, result)
SELECT t.id, m.user_id, '[]' FROM tasks t JOIN projects p ON p.id = t.project_id
JOIN members m ON m.organization_id = p.organization_id
    AND m.role = CASE t.id % 2 WHEN 1 THEN 'AN' ELSE 'RE' END
WHERE p.organization_id = {organization} ORDER BY t.id;
INSERT INTO task_assignees (task_id, project_id, user_id, type)
SELECT t.id, p.id, m.user_id, 'AN' FROM tasks t JOIN projects p ON p.id = t.project_id
JOIN members m ON m.organization_id = p.organization_id AND m.role = 'AN'
WHERE p.organization_id = {organization} AND p.title = 'Cats';
