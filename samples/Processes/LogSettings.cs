namespace Samples.Processes;

/// <summary>What the processes log, on their command lines: one line an event, with its time, and nothing per request.</summary>
internal static class LogSettings
{
    public static string[] Arguments =>
    [
        "--Logging:LogLevel:Microsoft.AspNetCore", "Warning",
        "--Logging:LogLevel:System.Net.Http.HttpClient", "Warning",
        "--Logging:LogLevel:Polly", "Error",
        "--Logging:Console:FormatterName", "simple",
        "--Logging:Console:FormatterOptions:SingleLine", "true",
        "--Logging:Console:FormatterOptions:TimestampFormat", "HH:mm:ss.fff ",
    ];
}
