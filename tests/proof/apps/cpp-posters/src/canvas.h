#pragma once

#include <string>
#include <vector>

// A picture made of characters.
class Canvas {
public:
    Canvas(std::size_t width, std::size_t height);

    void dot(std::size_t x, std::size_t y, char ink = '#');
    // the picture with a border of `margin` empty cells
    std::string print(std::size_t margin) const;

private:
    std::vector<std::string> rows_;
};

// Every plugin exports this. It throws std::exception if the text cannot be drawn.
extern "C" Canvas *draw(const std::string &text);
using DrawFunction = Canvas *(*)(const std::string &);
