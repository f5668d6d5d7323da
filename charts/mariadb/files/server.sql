-- What the server itself needs: the user that measurements are read with, known by the system's own name inside of the pod.
CREATE USER IF NOT EXISTS nobody@localhost IDENTIFIED VIA unix_socket WITH MAX_USER_CONNECTIONS 5;
GRANT PROCESS ON *.* TO nobody@localhost;
