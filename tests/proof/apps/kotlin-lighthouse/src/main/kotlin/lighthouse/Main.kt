package lighthouse

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import java.io.File
import java.net.InetSocketAddress

/** Lights and their characters over HTTP: `/` lists them, `/light/NAME` shows one. */
fun main() {
    val lights = Lights(File(System.getenv("LIGHTS") ?: "lights"))
    val server = HttpServer.create(InetSocketAddress(8082), 0)
    server.createContext("/") { exchange ->
        val path = exchange.requestURI.path
        val found = if (path == "/") lights.names().joinToString("\n") else lights.character(path.removePrefix("/light/"))
        answer(exchange, found)
    }
    server.start()
}

private fun answer(exchange: HttpExchange, text: String?) {
    val bytes = "${text ?: "no such light"}\n".toByteArray()
    exchange.responseHeaders["Content-Type"] = "text/plain; charset=utf-8"
    exchange.sendResponseHeaders(if (text == null) 404 else 200, bytes.size.toLong())
    exchange.responseBody.use { it.write(bytes) }
}
