<?php
// ?slow: something that takes its time.
if (isset($_GET['slow'])) {
    sleep(1);
}
echo "hello\n";
