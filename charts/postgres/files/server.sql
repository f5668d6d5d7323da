-- What the server itself needs: the role that measurements are read with. It has no password; pg_hba.conf lets it in.
DO $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('ffops.databases'));
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ffops_exporter') THEN
    CREATE ROLE ffops_exporter LOGIN CONNECTION LIMIT 5;
  END IF;
  IF NOT pg_has_role('ffops_exporter', 'pg_monitor', 'MEMBER') THEN
    GRANT pg_monitor TO ffops_exporter;
  END IF;
END
$$;
