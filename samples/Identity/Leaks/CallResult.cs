using Mesh.Client;

namespace Identity.Leaks;

/// <summary>What a caller got: a status, or an error.</summary>
/// <param name="Status">The status of the answer.</param>
/// <param name="Error">The type of the exception and, where it has one, its reason.</param>
/// <param name="Message">The message of the exception.</param>
internal sealed record CallResult(int? Status, string? Error, string? Message)
{
    public static async Task<CallResult> OfAsync(Func<Task<HttpResponseMessage>> call)
    {
        try
        {
            using var response = await call();
            return new CallResult((int)response.StatusCode, null, null);
        }
        catch (TokenException error)
        {
            return new CallResult(null, $"{nameof(TokenException)}.{error.Reason}", error.Message);
        }
        catch (Exception error)
        {
            return new CallResult(null, error.GetType().Name, error.Message);
        }
    }
}
