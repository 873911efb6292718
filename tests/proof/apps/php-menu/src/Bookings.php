<?php

declare(strict_types=1);

final class Bookings
{
    public function __construct(private string $dir, private int $seats)
    {
    }

    /** Keeps a booking, one per name; returns what to tell the guest. */
    public function book(string $name, int $people): string
    {
        $name = trim($name);
        if ($name === '' || $people < 1 || $people > $this->seats) {
            throw new InvalidArgumentException("Please give a name and 1 to {$this->seats} people.");
        }
        $file = "{$this->dir}/" . hash('sha256', mb_strtolower($name)) . '.json';
        if (file_put_contents($file, json_encode(compact('name', 'people')), LOCK_EX) === false) {
            throw new RuntimeException('The book is closed.');
        }
        return "A table for {$people}, {$name}.";
    }
}
