#!/bin/sh
# a small repository to try gitstat with
set -e
mkdir -p "$1" && cd "$1"
git init -q -b main .
commit() {
    git add -A
    git -c user.name="$1" -c user.email="$1@example.org" commit -q -m "$2"
}
echo one > one.txt; commit ann "one"
echo two > two.txt; commit bert "two"
echo three > three.txt; commit ann "three"
