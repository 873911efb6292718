<?php

declare(strict_types=1);

function e(string $text): string
{
    return htmlspecialchars($text, ENT_QUOTES);
}

function price(int $amount): string
{
    return get_cfg_var('menu.currency') . ' ' . number_format($amount, 0, ',', '.');
}

/** The address of a bundled file: its name carries a hash. */
function asset(string $name): string
{
    static $manifest = null;
    $manifest ??= json_decode(file_get_contents(__DIR__ . '/../public/build/manifest.json'), true);
    return '/build/' . $manifest[$name];
}

function view(string $template, array $values): void
{
    extract($values);
    ob_start();
    require __DIR__ . "/../templates/{$template}.phtml";
    $content = ob_get_clean();
    require __DIR__ . '/../templates/layout.phtml';
}
