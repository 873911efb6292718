#!/bin/sh
# thumb.sh FILE SIZE: a small picture as plain text
exec convert "$1" -resize "$2!" -depth 8 -compress none ppm:-
