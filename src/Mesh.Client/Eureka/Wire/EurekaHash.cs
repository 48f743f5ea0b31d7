using System.Globalization;
using System.Text;
using Mesh.Client.Registration;

namespace Mesh.Client.Eureka.Wire;

/// <summary>The checksum a registry sends with every answer: the number of instances by status, as in <c>DOWN_1_UP_2_</c>.</summary>
internal static class EurekaHash
{
    /// <summary>How many statuses there are.</summary>
    public const int Statuses = 5;

    // In the order of the wire names, as the server writes them.
    private static readonly RegistrationStatus[] Order =
        [RegistrationStatus.Down, RegistrationStatus.OutOfService, RegistrationStatus.Starting, RegistrationStatus.Unknown,
            RegistrationStatus.Up];

    public static string Of(IEnumerable<EurekaInstance> instances)
    {
        Span<int> counts = stackalloc int[Statuses];
        foreach (var instance in instances)
        {
            counts[(int)instance.Status]++;
        }

        return Of(counts);
    }

    /// <param name="counts">The number of instances, by status.</param>
    public static string Of(ReadOnlySpan<int> counts)
    {
        var hash = new StringBuilder();
        foreach (var status in Order)
        {
            if (counts[(int)status] > 0)
            {
                hash.Append(CultureInfo.InvariantCulture, $"{EurekaStatusNames.NameOf(status)}_{counts[(int)status]}_");
            }
        }

        return hash.ToString();
    }
}
