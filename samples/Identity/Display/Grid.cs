using Spectre.Console;

namespace Identity.Display;

/// <summary>A table in a terminal, aligned lines in files and build logs.</summary>
internal static class Grid
{
    private const string Gap = "  ";

    private static bool IsTerminal => !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI"));

    public static void Print(string title, string[] columns, IEnumerable<string[]> rows)
    {
        if (IsTerminal)
        {
            PrintTable(title, columns, rows);
        }
        else
        {
            PrintLines(title, columns, [.. rows]);
        }
    }

    private static void PrintTable(string title, string[] columns, IEnumerable<string[]> rows)
    {
        var table = new Table().Border(TableBorder.Rounded).Title(Markup.Escape(title)).AddColumns(columns);
        foreach (var row in rows)
        {
            table.AddRow([.. row.Select(cell => new Text(cell))]);
        }

        AnsiConsole.Write(table);
    }

    private static void PrintLines(string title, string[] columns, string[][] rows)
    {
        // A cell of several lines takes as many lines of the row.
        var lines = rows.Prepend(columns).SelectMany(Split).ToArray();
        var widths = columns.Select((_, i) => lines.Max(line => line[i].Length)).ToArray();
        Console.WriteLine(title);
        foreach (var line in lines)
        {
            Console.WriteLine(Gap + string.Join(Gap, line.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd());
        }
    }

    private static IEnumerable<string[]> Split(string[] row)
    {
        var cells = row.Select(cell => cell.Split('\n')).ToArray();
        return Enumerable.Range(0, cells.Max(cell => cell.Length)).Select(
            i => cells.Select(cell => cell.ElementAtOrDefault(i) ?? "").ToArray());
    }
}
