# The servers that tests need and do not start themselves. To be sourced.

# Whether a PostgreSQL answers, where tests look for it.
postgres_answers() {
    (exec 3<> "/dev/tcp/${PGHOST:-127.0.0.1}/${PGPORT:-5432}") 2> /dev/null
}

# Whether one answers, or could be started.
has_postgres() {
    postgres_answers || compgen -G '/usr/lib/postgresql/*/bin/initdb' > /dev/null
}

# Keeps Debian's package from starting one of its own, which asks for passwords.
keep_postgres_idle() {
    if [[ ! -e /etc/postgresql-common/createcluster.conf ]]; then
        mkdir -p /etc/postgresql-common
        echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf
    fi
}

# Starts a PostgreSQL where none answers, as tests expect it: PGHOST and PGPORT, trust, a database "test".
start_postgres() {
    local programs user=()
    export PGHOST=${PGHOST:-127.0.0.1} PGPORT=${PGPORT:-5432} PGUSER=${PGUSER:-postgres}
    if postgres_answers; then
        return
    fi
    programs=$(find /usr/lib/postgresql -maxdepth 2 -name bin | sort -V | tail -n 1)
    POSTGRES_FOLDER=$(mktemp -d)
    # It refuses to be root.
    if [[ $(id -u) -eq 0 ]]; then
        user=(runuser -u postgres --)
        chown postgres "$POSTGRES_FOLDER"
    fi
    POSTGRES_CONTROL=("${user[@]}" "$programs/pg_ctl" --pgdata="$POSTGRES_FOLDER/data" --silent)
    # Without fsync: what it keeps is thrown away.
    (
        cd "$POSTGRES_FOLDER"
        "${user[@]}" "$programs/initdb" --auth=trust --username="$PGUSER" --pgdata="$POSTGRES_FOLDER/data" --no-sync > /dev/null
        "${POSTGRES_CONTROL[@]}" --wait --log="$POSTGRES_FOLDER/log" \
            --options="-p $PGPORT -c listen_addresses=$PGHOST -c unix_socket_directories=$POSTGRES_FOLDER -c fsync=off" start
        "$programs/createdb" test
    )
}

# Ends the one that was started, if one was.
stop_postgres() {
    if [[ -n ${POSTGRES_FOLDER:-} ]]; then
        (cd / && "${POSTGRES_CONTROL[@]}" --mode=immediate stop)
        rm -rf "$POSTGRES_FOLDER"
    fi
}
