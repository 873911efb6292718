defmodule Tides.Harbour do
  @moduledoc "Harbours with the mean time between two high waters, from priv/harbours."

  def all do
    folder()
    |> File.ls!()
    |> Enum.sort()
    |> Enum.map(&Path.rootname/1)
  end

  def read(name) do
    with true <- name in all(),
         {:ok, text} <- File.read(Path.join(folder(), name <> ".txt")) do
      [title, first, height] = String.split(text, "\n", trim: true)
      {:ok, %{title: title, first: String.to_integer(first), height: String.to_integer(height)}}
    else
      _ -> :error
    end
  end

  defp folder, do: Application.app_dir(:tides, "priv/harbours")
end
