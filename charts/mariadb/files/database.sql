-- One database and its user, from @name, @user and @password.
SET @database = CONCAT('`', REPLACE(@name, '`', '``'), '`');
SET @account = CONCAT(QUOTE(@user), '@''%''');
-- In a grant, `_` and `%` of a name stand for others.
SET @pattern = REPLACE(REPLACE(REPLACE(@name, '\\', '\\\\'), '_', '\\_'), '%', '\\%');

DELIMITER //
BEGIN NOT ATOMIC
  -- One at a time; given back when the connection ends.
  IF NOT GET_LOCK('ffops.databases', 60) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'Somebody else has been making databases for a minute.';
  END IF;

  IF NOT EXISTS (SELECT 1 FROM mysql.global_priv WHERE BINARY User = BINARY @user AND Host = '%') THEN
    EXECUTE IMMEDIATE CONCAT('CREATE USER ', @account, ' IDENTIFIED BY ', QUOTE(@password));
    SELECT 'role-created';
  END IF;

  IF NOT EXISTS (SELECT 1 FROM information_schema.SCHEMATA WHERE BINARY SCHEMA_NAME = BINARY @name) THEN
    EXECUTE IMMEDIATE CONCAT('CREATE DATABASE ', @database);
    SELECT 'database-created';
  END IF;

  IF NOT EXISTS (
    SELECT 1 FROM mysql.db WHERE BINARY User = BINARY @user AND Host = '%' AND BINARY Db = BINARY @pattern
  ) THEN
    SELECT 'rights-granted';
  END IF;
  EXECUTE IMMEDIATE CONCAT('GRANT ALL PRIVILEGES ON `', REPLACE(@pattern, '`', '``'), '`.* TO ', @account);
END
//
