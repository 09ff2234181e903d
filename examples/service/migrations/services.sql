-- Other programs that ask for decisions. Each belongs to one organization. Of its credential, only the hash is kept.
CREATE TABLE services (
    id {id},
    organization_id BIGINT NOT NULL REFERENCES organizations ON DELETE CASCADE,
    name TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    UNIQUE (organization_id, name)
);
-- The name of the service that asked. NULL if a user asked.
ALTER TABLE activity ADD COLUMN service TEXT;
