# Sourced by the scripts beside it: whether processes of the cluster are still there.

# A process that was killed still holds its sockets while one of its threads is left, and nobody may ever reap the rest.
is_alive() { # pid
  [ -d "/proc/$1" ] || return 1
  grep -qs '^State:.[^Z]' "/proc/$1/status" || [ "$(ls "/proc/$1/task" 2> /dev/null | wc -l)" -gt 1 ]
}

kill_and_wait() { # name in the file pids
  local pid
  pid=$(awk -v name="$1" '$2 == name {print $1}' pids)
  kill -KILL "$pid"
  while is_alive "$pid"; do sleep 0.05; done
  sed -i "/ $1\$/d" pids
}
