defmodule Tides.Server do
  @moduledoc "A small HTTP server on gen_tcp."
  use Task, restart: :permanent

  def start_link(port), do: Task.start_link(__MODULE__, :listen, [port])

  def listen(port) do
    {:ok, socket} = :gen_tcp.listen(port, [:binary, packet: :http_bin, active: false, reuseaddr: true])
    accept(socket)
  end

  defp accept(socket) do
    {:ok, client} = :gen_tcp.accept(socket)
    spawn(fn -> serve(client) end)
    accept(socket)
  end

  defp serve(client) do
    case :gen_tcp.recv(client, 0) do
      {:ok, {:http_request, :GET, {:abs_path, path}, _}} ->
        drain(client)
        {status, body} = answer(path)
        :gen_tcp.send(client, "HTTP/1.1 #{status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: #{byte_size(body)}\r\nConnection: close\r\n\r\n#{body}")

      _ ->
        :ok
    end

    :gen_tcp.close(client)
  end

  defp drain(client) do
    case :gen_tcp.recv(client, 0) do
      {:ok, :http_eoh} -> :ok
      {:ok, _} -> drain(client)
      _ -> :ok
    end
  end

  defp answer("/"), do: {"200 OK", Enum.join(Tides.Harbour.all(), "\n") <> "\n"}
  defp answer("/etag"), do: {"200 OK", :crypto.hash(:sha256, Enum.join(Tides.Harbour.all())) |> Base.encode16(case: :lower)}

  defp answer("/" <> rest) do
    with [name, minutes] <- String.split(rest, "/"),
         {minutes, ""} <- Integer.parse(minutes),
         {:ok, harbour} <- Tides.Harbour.read(name) do
      height = Tides.Moon.height(harbour.height, minutes - harbour.first)
      {"200 OK", "#{harbour.title}: #{height} cm\n"}
    else
      _ -> {"404 Not Found", "no such harbour\n"}
    end
  end
end
