-- The user's password becomes @password.
EXECUTE IMMEDIATE CONCAT('ALTER USER ', QUOTE(@user), '@''%'' IDENTIFIED BY ', QUOTE(@password));
SELECT 'password-changed';
