// QR codes by libqrencode, two characters for a module so that they look square.
#include <memory>
#include <stdexcept>

#include <qrencode.h>

#include "canvas.h"

extern "C" Canvas *draw(const std::string &text) {
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
        QRcode_encodeString(text.c_str(), 0, QR_ECLEVEL_L, QR_MODE_8, 1), QRcode_free);
    if (!code) throw std::runtime_error("too long for a QR code");

    const std::size_t width = code->width;
    auto canvas = std::make_unique<Canvas>(2 * width, width);
    for (std::size_t y = 0; y < width; ++y)
        for (std::size_t x = 0; x < width; ++x)
            if (code->data[y * width + x] & 1) {
                canvas->dot(2 * x, y);
                canvas->dot(2 * x + 1, y);
            }
    return canvas.release();
}
