// posters: text posters over HTTP. What draws them is loaded from plugins.
#include <csignal>
#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>

#include <microhttpd.h>

#include "canvas.h"

namespace fs = std::filesystem;
using Plugins = std::map<std::string, DrawFunction>;

struct Reply {
    unsigned status;
    const char *type;
    std::string body;
};

static Plugins load_plugins(const fs::path &dir) {
    Plugins plugins;
    for (const auto &entry : fs::directory_iterator(dir)) {
        if (entry.path().extension() != ".so") continue;
        void *handle = dlopen(entry.path().c_str(), RTLD_NOW | RTLD_LOCAL);
        void *symbol = handle ? dlsym(handle, "draw") : nullptr;
        if (symbol)
            plugins[entry.path().stem()] = reinterpret_cast<DrawFunction>(symbol);
        else // the others still work
            std::cerr << "skipped: " << dlerror() << std::endl;
    }
    return plugins;
}

static Reply index_page(const Plugins &plugins) {
    std::ifstream file("web/index.html");
    if (!file) return {500, "text/plain", "web/index.html is missing\n"};
    std::stringstream page;
    page << file.rdbuf();
    std::string html = page.str(), items;
    for (const auto &[name, draw] : plugins)
        items += "<li><a href=\"/poster/" + name + "?text=Hello\">" + name + "</a></li>";
    const std::string mark = "<!-- plugins -->";
    if (const auto at = html.find(mark); at != std::string::npos) html.replace(at, mark.size(), items);
    return {200, "text/html; charset=utf-8", html};
}

static Reply answer(const Plugins &plugins, const std::string &path, const char *text) {
    if (path == "/") return index_page(plugins);
    if (path == "/version") return {200, "text/plain", "posters " POSTERS_VERSION "\n"};

    const std::string prefix = "/poster/";
    if (path.compare(0, prefix.size(), prefix) != 0) return {404, "text/plain", "not found\n"};
    const auto plugin = plugins.find(path.substr(prefix.size()));
    if (plugin == plugins.end()) return {404, "text/plain", "no plugin draws that\n"};
    if (!text || !*text) return {400, "text/plain", "which text?\n"};
    try {
        const std::unique_ptr<Canvas> canvas(plugin->second(text));
        return {200, "text/plain; charset=utf-8", canvas->print(1)};
    } catch (const std::exception &e) {
        return {500, "text/plain", std::string(e.what()) + "\n"};
    }
}

static MHD_Result handle(void *context, MHD_Connection *connection, const char *url, const char *, const char *,
                         const char *, size_t *, void **) {
    const char *text = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "text");
    Reply reply = answer(*static_cast<Plugins *>(context), url, text);
    MHD_Response *response =
        MHD_create_response_from_buffer(reply.body.size(), reply.body.data(), MHD_RESPMEM_MUST_COPY);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply.type);
    const MHD_Result done = MHD_queue_response(connection, reply.status, response);
    MHD_destroy_response(response);
    return done;
}

int main(int argc, char **argv) {
    const int port = argc > 1 ? std::atoi(argv[1]) : 8088;
    const char *dir = std::getenv("POSTERS_PLUGINS");

    sigset_t quit;
    sigemptyset(&quit);
    sigaddset(&quit, SIGINT);
    sigaddset(&quit, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &quit, nullptr); // before the server's thread is made

    Plugins plugins = load_plugins(dir ? dir : POSTERS_PLUGIN_DIR);
    MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, static_cast<uint16_t>(port), nullptr,
                                          nullptr, handle, &plugins, MHD_OPTION_END);
    if (!daemon) {
        std::cerr << "cannot listen on port " << port << std::endl;
        return 1;
    }
    std::cerr << plugins.size() << " plugins, port " << port << std::endl;

    int signal;
    sigwait(&quit, &signal);
    MHD_stop_daemon(daemon);
}
