# Makes $1 orphans that end at once, with all sorts of codes: who starts each one leaves before it could wait.
number=0
while [ $number -lt "$1" ]; do
  (exit $((number % 256)) &)
  number=$((number + 1))
done
echo storm over
exec sleep 1000
