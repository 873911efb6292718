#include "canvas.h"

Canvas::Canvas(std::size_t width, std::size_t height) : rows_(height, std::string(width, ' ')) {}

void Canvas::dot(std::size_t x, std::size_t y, char ink) { rows_.at(y).at(x) = ink; }

std::string Canvas::print(std::size_t margin) const {
    const std::size_t width = (rows_.empty() ? 0 : rows_[0].size()) + 2 * margin;
    const std::string edge = "+" + std::string(width, '-') + "+\n";
    const std::string empty = "|" + std::string(width, ' ') + "|\n";
    const std::string pad(margin, ' ');

    std::string out = edge;
    for (std::size_t i = 0; i < margin; ++i) out += empty;
    for (const auto &row : rows_) out += "|" + pad + row + pad + "|\n";
    for (std::size_t i = 0; i < margin; ++i) out += empty;
    return out + edge;
}
