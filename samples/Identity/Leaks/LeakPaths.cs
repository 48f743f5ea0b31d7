namespace Identity.Leaks;

/// <summary>The paths of the attempts: at the storefront, which makes them, and at the recorders, where they would arrive.</summary>
internal static class LeakPaths
{
    /// <summary>No leak: the service may have the token. Shows that the recorder sees it when it comes.</summary>
    public const string Allowed = "/leaks/allowed";

    public const string ExternalHost = "/leaks/external-host";

    public const string WrongAudience = "/leaks/wrong-audience";

    public const string Redirect = "/leaks/redirect";

    public const string PlainText = "/leaks/plain-text";

    public const string Background = "/leaks/background";

    /// <summary>What came of the background work; answers when it is done.</summary>
    public const string BackgroundResult = "/leaks/background/result";
}
