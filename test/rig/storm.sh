# Makes $1 orphans that exit at once with different codes, a multiple of 10: the parent of each ten exits without waiting for them. bash
# waits for its children, so it has only time for one.
[ -z "${BASH_VERSION:-}" ] && several=10 || several=1
number=0
while [ $number -lt "$1" ]; do
  (
    end=$((number + several))
    while [ $number -lt $end ]; do
      (exit $((number % 256))) &
      number=$((number + 1))
    done
  )
  number=$((number + several))
done
echo storm over
exec sleep 1000
