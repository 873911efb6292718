<?php

declare(strict_types=1);

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if (PHP_SAPI === 'cli-server' && is_file(__DIR__ . $path)) {
    return false; // the built-in server sends the file
}

require __DIR__ . '/../src/Menu.php';
require __DIR__ . '/../src/Bookings.php';
require __DIR__ . '/../src/view.php';

function json(int $status, array $values): void
{
    http_response_code($status);
    header('Content-Type: application/json');
    echo json_encode($values), "\n";
}

$menu = new Menu(__DIR__ . '/../data/menu.json');

if ($path === '/') {
    // ?at=1700000000 shows the menu of that moment
    $when = isset($_GET['at']) ? (new DateTimeImmutable())->setTimestamp((int) $_GET['at']) : null;
    view('menu', ['dishes' => $menu->dishes($when), 'when' => $when]);
} elseif ($path === '/book' && $_SERVER['REQUEST_METHOD'] === 'POST') {
    $bookings = new Bookings(__DIR__ . '/../var', (int) get_cfg_var('menu.seats'));
    try {
        json(200, ['message' => $bookings->book($_POST['name'] ?? '', (int) ($_POST['people'] ?? 0))]);
    } catch (InvalidArgumentException $e) {
        json(422, ['message' => $e->getMessage()]);
    } catch (RuntimeException $e) {
        json(500, ['message' => $e->getMessage()]);
    }
} else {
    http_response_code(404);
    echo "no such page\n";
}
