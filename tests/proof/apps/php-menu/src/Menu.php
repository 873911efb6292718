<?php

declare(strict_types=1);

final class Menu
{
    private array $dishes;

    public function __construct(string $file)
    {
        $this->dishes = json_decode(file_get_contents($file), true, flags: JSON_THROW_ON_ERROR);
    }

    /** The dishes served at an hour of the restaurant's time zone, or all. */
    public function dishes(?DateTimeInterface $when = null): array
    {
        if ($when === null) {
            return $this->dishes;
        }
        $hour = (int) $when->format('G');
        return array_values(array_filter(
            $this->dishes,
            fn (array $dish) => $dish['hours'][0] <= $hour && $hour < $dish['hours'][1],
        ));
    }
}
