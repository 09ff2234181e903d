-- What requests are served as on PostgreSQL: a role that owns nothing, so that every policy holds for it.
DO $$ BEGIN
    CREATE ROLE labelgate_service NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
GRANT labelgate_service TO CURRENT_USER;
GRANT USAGE ON SCHEMA public TO labelgate_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO labelgate_service;
-- Requests make no credentials of services.
REVOKE INSERT, UPDATE, DELETE ON services FROM labelgate_service;

-- What is cleaned up as, when a member leaves: no policy holds for it.
DO $$ BEGIN
    CREATE ROLE labelgate_jobs NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
GRANT labelgate_jobs TO CURRENT_USER;
GRANT USAGE ON SCHEMA public TO labelgate_jobs;
GRANT SELECT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO labelgate_jobs;
