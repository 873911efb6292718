defmodule Tides.Moon do
  @moduledoc "The tide's height by a function in C (c_src/moon.c)."
  @on_load :load

  def load, do: :erlang.load_nif(Application.app_dir(:tides, "priv/moon") |> String.to_charlist(), 0)

  @doc "Centimetres above the chart's datum, `minutes` behind the first high water."
  def height(_range, _minutes), do: :erlang.nif_error(:not_loaded)
end
