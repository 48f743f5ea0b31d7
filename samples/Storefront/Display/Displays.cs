using Spectre.Console;

namespace Storefront.Display;

/// <summary>Chooses the display that fits the output.</summary>
internal static class Displays
{
    public static IDisplay For(StatusSource status) => IsTerminal ? new LiveDisplay(status) : new PlainDisplay(status);

    private static bool IsTerminal =>
        !Console.IsOutputRedirected
        && AnsiConsole.Profile.Capabilities is { Interactive: true, Ansi: true }
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI"));
}
