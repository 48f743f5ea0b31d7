using Mesh.Client.Model;
using Mesh.Client.Outbound.Endpoints;

namespace Mesh.Client.Outbound.OutlierDetection;

/// <summary>Receives the events of outlier detection. Called while the endpoint list is being changed.</summary>
internal interface IEjectionEvents
{
    /// <param name="endpoint">The ejected endpoint.</param>
    /// <param name="reason">The rule.</param>
    /// <param name="cause">A description.</param>
    /// <param name="length">The time until it is tried again.</param>
    void Ejected(Endpoint endpoint, EjectionReason reason, string cause, TimeSpan length);

    void Readmitted(Endpoint endpoint);
}
