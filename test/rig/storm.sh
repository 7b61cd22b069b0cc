# Makes $1 orphans that exit at once with different codes: the parent of each exits without waiting for it.
number=0
while [ $number -lt "$1" ]; do
  (exit $((number % 256)) &)
  number=$((number + 1))
done
echo storm over
exec sleep 1000
