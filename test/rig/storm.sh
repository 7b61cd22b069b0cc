# Makes $1 orphans that exit at once with different codes, a multiple of 10: the parent of each ten exits without waiting for them.
number=0
while [ $number -lt "$1" ]; do
  (
    end=$((number + 10))
    while [ $number -lt $end ]; do
      (exit $((number % 256))) &
      number=$((number + 1))
    done
  )
  number=$((number + 10))
done
echo storm over
exec sleep 1000
