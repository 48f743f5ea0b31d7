namespace Mesh.Client.Telemetry;

/// <summary>Loggers and listeners of the application run inside of what they watch, and some throw: a full disk, a listener with a defect.
/// What is watched must neither fail by them nor leave out what it has to end.</summary>
internal static class Unfailing
{
    /// <summary>Tells an observer. What it throws is dropped: there is nobody else to tell.</summary>
    /// <returns>Whether it took it.</returns>
    public static bool Run<T>(Action<T> tell, T what)
    {
        try
        {
            tell(what);
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }
}
