# The first process of real nodes, inside namespaces of its own: it makes the mounts that only they see, starts the
# program that runs them, and reaps whatever loses its parent. When it ends, the kernel ends everything else in here and
# drops the mounts.
#   boot.sh RUNTIME CLUSTER PROGRAM ARGUMENTS…
set -eu
runtime=$1 cluster=$2
shift 2

hostname ffops-nodes
mount -t proc proc /proc
mount -t sysfs sysfs /sys

# What the programs write at fixed places stays in memory, and away from the machine's own.
mkdir -p "$cluster/run"
mount -t tmpfs -o mode=755 tmpfs "$cluster/run"
cd "$cluster/run"
mkdir -p ffops/runtime ffops/cluster ffops/var/upper ffops/var/work ffops/proc containerd netns lock
mount --bind "$runtime" ffops/runtime
mount --bind "$cluster" ffops/cluster
mount -t overlay overlay -o "lowerdir=/var/lib,upperdir=ffops/var/upper,workdir=ffops/var/work" /var/lib
mount --rbind "$cluster/run" /run
cd /
case $runtime in /var/lib/*) mount --rbind /run/ffops/runtime "$runtime" ;; esac
mount -t tmpfs -o mode=755 tmpfs /var/log
mkdir /var/log/containers
: >/run/ffops/resolv.conf
printf '127.0.0.1 localhost\n' >/run/ffops/hosts
for name in resolv.conf hosts; do
  target=$(readlink -m "/etc/$name")
  [ -e "$target" ] || { mkdir -p "$(dirname "$target")" && : >"$target"; }
  mount --bind "/run/ffops/$name" "$target"
done

# A kubelet sets these for the whole machine unless it finds them as it wants them: it is shown files instead.
pretend() {
  [ -e "/proc/sys/$1" ] || return 0
  file=/run/ffops/proc/$(basename "$1")
  echo "$2" >"$file"
  mount --bind "$file" "/proc/sys/$1"
}
pretend vm/overcommit_memory 1
pretend vm/panic_on_oom 0
pretend kernel/panic 10
pretend kernel/panic_on_oops 1
pretend kernel/keys/root_maxkeys 1000000
pretend kernel/keys/root_maxbytes 25000000

if grep -q '^0::' /proc/self/cgroup && [ "$(wc -l </proc/self/cgroup)" -eq 1 ]; then
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  # A group that has processes cannot give its controllers to the groups below it.
  mkdir /sys/fs/cgroup/system
  for pid in $(cat /sys/fs/cgroup/cgroup.procs); do echo "$pid" >/sys/fs/cgroup/system/cgroup.procs || true; done
  for name in $(cat /sys/fs/cgroup/cgroup.controllers); do echo "+$name" >/sys/fs/cgroup/cgroup.subtree_control; done
else
  mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
  while IFS=: read -r _ names _; do
    case $names in
    '') mkdir /sys/fs/cgroup/unified && mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified ;;
    name=*) mkdir "/sys/fs/cgroup/${names#name=}" && mount -t cgroup -o "none,$names" cgroup "/sys/fs/cgroup/${names#name=}" ;;
    *)
      mkdir "/sys/fs/cgroup/$names"
      mount -t cgroup -o "$names" cgroup "/sys/fs/cgroup/$names"
      # One of several controllers is looked for under each of their names.
      case $names in *,*) for name in $(echo "$names" | tr , ' '); do ln -s "$names" "/sys/fs/cgroup/$name"; done ;; esac
      ;;
    esac
  done </proc/self/cgroup
fi

mount --make-rshared /
# Every node sees its own folder here.
mkdir -p /var/lib/kubelet
echo 1 >/proc/sys/net/ipv4/ip_forward
ulimit -n "$(ulimit -Hn)"
"$@" &
wait $!
