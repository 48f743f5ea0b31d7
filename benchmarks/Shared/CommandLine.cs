namespace Benchmarks.Shared;

/// <summary>What the command lines of all these programs have in common.</summary>
internal static class CommandLine
{
    /// <summary>The value that follows an option.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="i">Where the option stands; afterwards where the value does.</param>
    /// <exception cref="ArgumentException">The option is the last argument.</exception>
    public static string Value(string[] args, ref int i) =>
        ++i < args.Length ? args[i] : throw new ArgumentException($"'{args[i - 1]}' needs a value.");
}
