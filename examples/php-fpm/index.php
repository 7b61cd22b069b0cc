<?php
// ?slow: something that takes its time; ?slow=6: six seconds.
if (isset($_GET['slow'])) {
    sleep((int) ($_GET['slow'] ?: 1));
}
echo "hello\n";
