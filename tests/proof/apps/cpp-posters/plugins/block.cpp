// Letters from a font file: a line is a character and its five rows.
#include <array>
#include <cctype>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>

#include "canvas.h"

namespace {
constexpr std::size_t kRows = 5;
using Glyph = std::array<std::string, kRows>;

std::map<char, Glyph> load(const std::string &path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("no font " + path);
    std::map<char, Glyph> font;
    std::string line;
    while (std::getline(file, line)) {
        std::istringstream fields(line);
        char c;
        Glyph glyph;
        if (!(fields >> c) || c == ';') continue;
        for (auto &row : glyph) fields >> row;
        font[c] = glyph;
    }
    return font;
}
} // namespace

extern "C" Canvas *draw(const std::string &text) {
    const auto font = load("fonts/tiny.txt");
    auto canvas = std::make_unique<Canvas>(text.size() * 4, kRows);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto found = font.find(static_cast<char>(std::toupper(static_cast<unsigned char>(text[i]))));
        if (found == font.end()) continue;
        for (std::size_t y = 0; y < kRows; ++y)
            for (std::size_t x = 0; x < found->second[y].size(); ++x)
                if (found->second[y][x] == '#') canvas->dot(4 * i + x, y);
    }
    return canvas.release();
}
